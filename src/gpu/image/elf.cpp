#include "elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstddef>

namespace toolkit::gpu {
namespace {

constexpr std::size_t kMostSections = 4096;  // libtorch_cuda has about 40
constexpr std::size_t kMostNeeded = 512;
constexpr std::size_t kLongestName = 256;
constexpr std::size_t kLongestNote = 4000;

struct SectionTable {
  std::uint64_t offset = 0, entry = 0, count = 0, names = 0;
};

bool lies_within(const ByteSource& source, std::uint64_t offset, std::uint64_t size) {
  return offset <= source.size() && size <= source.size() - offset;
}

// Of the file's header; counts that do not fit there stand in section 0.
tl::expected<SectionTable, std::string> section_table(Window& window) {
  const std::string_view header = window.exactly(0, sizeof(Elf64_Ehdr));
  if (!header.starts_with(ELFMAG)) {
    return tl::unexpected<std::string>("not an ELF file");
  }
  if (header[EI_CLASS] != ELFCLASS64 || header[EI_DATA] != ELFDATA2LSB) {
    return tl::unexpected<std::string>("not a 64-bit little-endian ELF file");
  }
  SectionTable table{little_endian<std::uint64_t>(header, offsetof(Elf64_Ehdr, e_shoff)),
                     little_endian<std::uint16_t>(header, offsetof(Elf64_Ehdr, e_shentsize)),
                     little_endian<std::uint16_t>(header, offsetof(Elf64_Ehdr, e_shnum)),
                     little_endian<std::uint16_t>(header, offsetof(Elf64_Ehdr, e_shstrndx))};
  if (table.offset == 0) {
    return tl::unexpected<std::string>("no section headers");
  }
  const std::string_view first = window.exactly(table.offset, sizeof(Elf64_Shdr));
  if (first.empty() || table.entry < sizeof(Elf64_Shdr)) {
    return tl::unexpected<std::string>("cut off before its section headers");
  }
  if (table.count == 0) {
    table.count = little_endian<std::uint64_t>(first, offsetof(Elf64_Shdr, sh_size));
  }
  if (table.names == SHN_XINDEX) {
    table.names = little_endian<std::uint32_t>(first, offsetof(Elf64_Shdr, sh_link));
  }
  if (table.count > kMostSections) {
    return tl::unexpected<std::string>("too many sections");
  }
  return table;
}

// A string that ends with NUL, in `section`.
std::string text_at(Window& window, const ElfSection& section, std::uint64_t offset) {
  if (offset >= section.size) {
    return "";
  }
  const std::size_t most =
      static_cast<std::size_t>(std::min<std::uint64_t>(section.size - offset, kLongestName));
  const std::string_view bytes = window.at(section.offset + offset, most);
  return std::string(bytes.substr(0, bytes.find('\0')));
}

}  // namespace

const ElfSection* ElfFile::section(std::string_view name) const {
  const auto it = std::ranges::find(sections, name, &ElfSection::name);
  return it == sections.end() ? nullptr : &*it;
}

tl::expected<ElfFile, std::string> read_elf(const ByteSource& source) {
  Window window(source);
  const auto table = section_table(window);
  if (!table) {
    return tl::unexpected(table.error());
  }
  ElfFile elf;
  std::vector<std::uint32_t> names;
  for (std::uint64_t i = 0; i < table->count; ++i) {
    const std::string_view header =
        window.exactly(table->offset + i * table->entry, sizeof(Elf64_Shdr));
    if (header.empty()) {
      return tl::unexpected<std::string>("cut off in its section headers");
    }
    ElfSection section;
    section.type = little_endian<std::uint32_t>(header, offsetof(Elf64_Shdr, sh_type));
    section.link = little_endian<std::uint32_t>(header, offsetof(Elf64_Shdr, sh_link));
    section.offset = little_endian<std::uint64_t>(header, offsetof(Elf64_Shdr, sh_offset));
    section.size = little_endian<std::uint64_t>(header, offsetof(Elf64_Shdr, sh_size));
    section.alignment = little_endian<std::uint64_t>(header, offsetof(Elf64_Shdr, sh_addralign));
    if (section.type == SHT_NOBITS || section.type == SHT_NULL) {
      section.size = 0;
    } else if (!lies_within(source, section.offset, section.size)) {
      return tl::unexpected<std::string>("cut off before the end of a section");
    }
    names.push_back(little_endian<std::uint32_t>(header, offsetof(Elf64_Shdr, sh_name)));
    elf.sections.push_back(std::move(section));
  }
  if (table->names < elf.sections.size()) {
    const ElfSection strings = elf.sections[table->names];
    for (std::size_t i = 0; i < names.size(); ++i) {
      elf.sections[i].name = text_at(window, strings, names[i]);
    }
  }
  return elf;
}

std::vector<std::string> needed_libraries(const ByteSource& source, const ElfFile& elf) {
  std::vector<std::string> needed;
  const ElfSection* dynamic = elf.section(".dynamic");
  if (dynamic == nullptr || dynamic->link >= elf.sections.size()) {
    return needed;
  }
  Window entries(source), strings(source);
  for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= dynamic->size && needed.size() < kMostNeeded;
       at += sizeof(Elf64_Dyn)) {
    const std::string_view entry = entries.exactly(dynamic->offset + at, sizeof(Elf64_Dyn));
    const auto tag = entry.empty() ? DT_NULL : little_endian<std::uint64_t>(entry, 0);
    if (tag == DT_NULL) {
      break;
    }
    if (tag == DT_NEEDED) {
      needed.push_back(text_at(strings, elf.sections[dynamic->link],
                               little_endian<std::uint64_t>(entry, sizeof(std::uint64_t))));
    }
  }
  return needed;
}

std::string note_of(const ByteSource& source, const ElfSection& section, std::string_view owner) {
  constexpr std::size_t kHeader = 12;  // lengths of name and description, type
  Window window(source);
  const std::string_view note =
      window.at(section.offset,
                static_cast<std::size_t>(std::min<std::uint64_t>(section.size, kLongestNote)));
  if (note.size() < kHeader) {
    return "";
  }
  const std::uint64_t name_size = little_endian<std::uint32_t>(note, 0);
  const std::uint64_t size = little_endian<std::uint32_t>(note, 4);
  const std::uint64_t alignment = section.alignment == 8 ? 8 : 4;
  const std::uint64_t begin = kHeader + (name_size + alignment - 1) / alignment * alignment;
  if (begin > note.size() || size > note.size() - begin) {
    return "";
  }
  std::string_view name = note.substr(kHeader, name_size);
  name = name.substr(0, name.find('\0'));
  return name == owner ? std::string(note.substr(begin, size)) : "";
}

}  // namespace toolkit::gpu
