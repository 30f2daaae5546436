#include "fake_elf.hpp"

#include <elf.h>

#include <algorithm>

namespace fake {
namespace {

std::string padded(std::string text, std::size_t to) {
  text.resize((text.size() + to - 1) / to * to, '\0');
  return text;
}

void put_header(std::string& bytes, const Elf64_Shdr& header) {
  bytes.append(reinterpret_cast<const char*>(&header), sizeof header);
}

}  // namespace

std::string elf(const std::vector<Section>& sections) {
  std::string names(1, '\0'), body, headers(sizeof(Elf64_Shdr), '\0');
  const auto add = [&](const Section& section) {
    Elf64_Shdr header{};
    header.sh_name = static_cast<std::uint32_t>(names.size());
    names += section.name + '\0';
    body.resize((body.size() + 7) / 8 * 8);
    header.sh_type = section.type;
    header.sh_offset = sizeof(Elf64_Ehdr) + body.size();
    header.sh_size = section.bytes.size();
    header.sh_link = section.link;
    header.sh_addralign = section.alignment;
    body += section.bytes;
    put_header(headers, header);
  };
  for (const Section& section : sections) {
    add(section);
  }
  const std::size_t index = sections.size() + 1;
  add({".shstrtab", SHT_STRTAB, names + ".shstrtab" + '\0', 0, 1});
  Elf64_Ehdr header{};
  std::copy_n(ELFMAG, SELFMAG, header.e_ident);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_DYN;
  header.e_shoff = sizeof(Elf64_Ehdr) + body.size();
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = static_cast<std::uint16_t>(index + 1);
  header.e_shstrndx = static_cast<std::uint16_t>(index);
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + body + headers;
}

std::vector<Section> linked_with(const std::vector<std::string>& libraries) {
  std::string strings(1, '\0'), dynamic;
  for (const std::string& library : libraries) {
    put<std::uint64_t>(dynamic, DT_NEEDED);
    put<std::uint64_t>(dynamic, strings.size());
    strings += library + '\0';
  }
  put<std::uint64_t>(dynamic, DT_NULL);
  put<std::uint64_t>(dynamic, 0);
  return {{".dynamic", SHT_DYNAMIC, dynamic, 2, 8}, {".dynstr", SHT_STRTAB, strings, 0, 1}};
}

Section compat_note(std::string_view json, std::string_view owner) {
  std::string note;
  put<std::uint32_t>(note, static_cast<std::uint32_t>(owner.size() + 1));
  put<std::uint32_t>(note, static_cast<std::uint32_t>(json.size() + 1));
  put<std::uint32_t>(note, 1);
  note += padded(std::string(owner) + '\0', 4) + std::string(json) + '\0';
  return {".note.cuda.fwd_compatibility", SHT_NOTE, note, 0, 4};
}

std::string fatbin(const std::vector<Entry>& entries) {
  std::string payload;
  for (const Entry& entry : entries) {
    const std::string body = padded(entry.payload, 8);
    put<std::uint16_t>(payload, entry.kind);
    put<std::uint16_t>(payload, 0x0101);
    put<std::uint32_t>(payload, 64);
    put<std::uint64_t>(payload, body.size());
    put<std::uint64_t>(payload, entry.payload.size());
    put<std::uint16_t>(payload, entry.isa_minor);
    put<std::uint16_t>(payload, entry.isa_major);
    put<std::uint32_t>(payload, entry.architecture);
    put<std::uint64_t>(payload, 0);
    put<std::uint64_t>(payload, entry.flags);
    payload += std::string(16, '\0') + body;
  }
  std::string bytes;
  put<std::uint32_t>(bytes, 0xBA55ED50);
  put<std::uint16_t>(bytes, 1);
  put<std::uint16_t>(bytes, 16);
  put<std::uint64_t>(bytes, payload.size());
  return bytes + payload;
}

Entry ptx(std::uint32_t architecture, std::string_view target, std::uint16_t major,
          std::uint16_t minor) {
  const std::string text = "\n.version " + std::to_string(major) + "." + std::to_string(minor) +
                           "\n.target sm_" + std::string(target) + "\n.address_size 64\n";
  return {1, architecture, text, 0, major, minor};
}

Entry cubin(std::uint32_t architecture, std::uint8_t abi, std::uint32_t flags) {
  Elf64_Ehdr header{};
  std::copy_n(ELFMAG, SELFMAG, header.e_ident);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_ABIVERSION] = abi;
  header.e_flags = flags;
  return {2, architecture, std::string(reinterpret_cast<const char*>(&header), sizeof header), 0, 0,
          0};
}

}  // namespace fake
