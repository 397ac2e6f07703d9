// Unfold's script looks for a text field beside each file field, and fails where there is none.
document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file]")) event.stopPropagation();
}, true);
