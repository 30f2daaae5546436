// Where a static program's tables for unwinding lie is told to libgcc before main by the compiler's
// own start (crtbeginT.o); since GCC 13 libgcc then reads all of them: 1.2 MiB resident, and time
// of every start. The release is linked with --wrap, so that nothing is told, and --eh-frame-hdr:
// an exception finds the same tables by dl_iterate_phdr(3) and a binary search.
// NOLINTBEGIN(readability-identifier-naming, bugprone-reserved-identifier): the linker's names
extern "C" {
void __wrap___register_frame_info(const void* /*begin*/, void* /*object*/) {}
void* __wrap___deregister_frame_info(const void* /*begin*/) { return nullptr; }
}
// NOLINTEND(readability-identifier-naming, bugprone-reserved-identifier)
