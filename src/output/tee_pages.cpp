#include "tee_pages.hpp"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace toolkit::output {
namespace {

// madvise(2): MADV_DONTNEED on a private file mapping means that the next access reads the file's
// page again. Only segments that are never written qualify: no relocation, no data.
void release(std::uintptr_t begin, std::uintptr_t end) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = begin & ~(page - 1);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the program headers hold numbers
  (void)::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
}

int release_segments(dl_phdr_info* object, std::size_t /*size*/, void* /*data*/) {
  for (int index = 0; index < object->dlpi_phnum; ++index) {
    const auto& segment = object->dlpi_phdr[index];
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) == 0) {
      const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
      release(begin, begin + segment.p_memsz);
    }
  }
  return 1;  // the program itself comes first (dl_iterate_phdr(3)), and is all
}

}  // namespace

void release_program_pages() { (void)::dl_iterate_phdr(release_segments, nullptr); }

}  // namespace toolkit::output
