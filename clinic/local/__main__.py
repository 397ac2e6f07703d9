import sys

from clinic.local.supervisor import main

sys.exit(main())
