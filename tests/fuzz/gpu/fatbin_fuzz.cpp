// Any bytes as a library: its sections, what it is linked with, its note, its GPU code; and as a
// fatbin.
#include <src/gpu/image/elf.hpp>
#include <src/gpu/image/fatbin.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace toolkit::gpu;

namespace {

void scan(const ByteSource& source, std::uint64_t offset, std::uint64_t size) {
  ScanBudget budget{std::chrono::steady_clock::now() + std::chrono::seconds(5), 1 << 20};
  FatbinContent content;
  scan_fatbin(source, offset, size, budget, content);
  if (content.sass.size() + content.ptx.size() > size) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryBytes source(std::string_view(reinterpret_cast<const char*>(data), size));
  scan(source, 0, size);
  const auto elf = read_elf(source);
  if (!elf) {
    return 0;
  }
  (void)needed_libraries(source, *elf);
  for (const ElfSection& section : elf->sections) {
    if (section.size != 0 && (section.offset > size || section.size > size - section.offset)) {
      std::abort();
    }
    (void)note_of(source, section, "NVIDIA Corporation");
    scan(source, section.offset, section.size);
  }
  return 0;
}
