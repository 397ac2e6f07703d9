"use strict";

// What is kept on this phone, for the pages and for the service worker. Where there is no storage (some private windows)
// it lives as long as whoever keeps it.
self.steadyStore = (() => {
  const inMemory = { entries: new Map(), drafts: new Map(), clock: new Map() };
  let opened;

  function database() {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("steady", 1);
      request.onupgradeneeded = () => {
        for (const name of Object.keys(inMemory)) request.result.createObjectStore(name, { keyPath: "id" });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opened;
  }
  async function store(name, mode, act) {
    const transaction = (await database()).transaction(name, mode, { durability: "strict" });
    const request = act(transaction.objectStore(name));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
  }

  const put = (name, row) =>
    store(name, "readwrite", (rows) => rows.put(row)).catch(() => inMemory[name].set(row.id, row));
  const remove = (name, id) => {
    inMemory[name].delete(id);
    return store(name, "readwrite", (rows) => rows.delete(id)).catch(() => {});
  };
  const all = async (name) => [
    ...(await store(name, "readonly", (rows) => rows.getAll()).catch(() => [])),
    ...inMemory[name].values(),
  ];
  const get = async (name, id) => (await all(name)).find((row) => row.id === id);
  return { put, remove, all, get };
})();
