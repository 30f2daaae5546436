/* Never loaded: stands in for libc.so.6 when the probe is linked, so that the linker records the
   oldest version of the one name that it takes from there. */
void __libc_start_main(void) {}
