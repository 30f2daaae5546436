/* As libc.c, for libdl.so.2. */
void dlopen(void) {}
void dlsym(void) {}
void dlerror(void) {}
void dladdr(void) {}
