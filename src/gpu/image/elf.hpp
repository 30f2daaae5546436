#pragma once
// As much of ELF as we need: sections by name, what a library is linked with, one note. 64 bits,
// little endian. Every offset comes from outside and is held against the file's size.

#include "byte_source.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::gpu {

struct ElfSection {
  std::string name;
  std::uint32_t type = 0, link = 0;
  std::uint64_t offset = 0, size = 0, alignment = 0;  // lies within the file
};

struct ElfFile {
  std::vector<ElfSection> sections;

  [[nodiscard]] const ElfSection* section(std::string_view name) const;
};

/// The error says what is wrong with it: "not an ELF file".
[[nodiscard]] tl::expected<ElfFile, std::string> read_elf(const ByteSource& source);

/// DT_NEEDED.
[[nodiscard]] std::vector<std::string> needed_libraries(const ByteSource& source,
                                                        const ElfFile& elf);

/// The description of the first note of a section, when its owner has this name; "" otherwise.
[[nodiscard]] std::string note_of(const ByteSource& source, const ElfSection& section,
                                  std::string_view owner);

}  // namespace toolkit::gpu
