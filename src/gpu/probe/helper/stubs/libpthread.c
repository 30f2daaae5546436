/* As libc.c, for libpthread.so.0: the drivers' libraries need it, and before glibc 2.34 it could not be
   loaded late without harm. Nothing of it is called. */
void pthread_self(void) {}
