#pragma once
// ELF files and fatbins made byte by byte.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fake {

struct Section {
  std::string name;
  std::uint32_t type = 1;  // PROGBITS
  std::string bytes;
  std::uint32_t link = 0;
  std::uint64_t alignment = 1;
};

/// A 64-bit little-endian shared library: header, the sections' bytes, section headers.
[[nodiscard]] std::string elf(const std::vector<Section>& sections);

/// The sections of a library that is linked with these, to be given to elf() first.
[[nodiscard]] std::vector<Section> linked_with(const std::vector<std::string>& libraries);

/// .note.cuda.fwd_compatibility
[[nodiscard]] Section compat_note(std::string_view json,
                                  std::string_view owner = "NVIDIA Corporation");

struct Entry {
  std::uint16_t kind = 2;  // 1 PTX, 2 SASS
  std::uint32_t architecture = 80;
  std::string payload = std::string(64, 'x');
  std::uint64_t flags = 0x2000;  // compressed
  std::uint16_t isa_major = 0, isa_minor = 0;
};

[[nodiscard]] std::string fatbin(const std::vector<Entry>& entries);

/// PTX in the clear, ".target sm_TARGET".
[[nodiscard]] Entry ptx(std::uint32_t architecture, std::string_view target, std::uint16_t major,
                        std::uint16_t minor);
/// SASS in the clear: a cubin's header with these flags.
[[nodiscard]] Entry cubin(std::uint32_t architecture, std::uint8_t abi, std::uint32_t flags);

template <typename T>
void put(std::string& bytes, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  }
}

}  // namespace fake
