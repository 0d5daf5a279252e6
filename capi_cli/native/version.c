#include "native.h"

/* Raised with every change of a signature in any file; library.py takes no other. */
EXPORT int32_t capi_version(void) { return 11; }
