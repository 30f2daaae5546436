#include "src/gpu/image/fatbin.hpp"

#include "fake_elf.hpp"
#include "src/gpu/image/elf.hpp"

#include <doctest/doctest.h>
#include <elf.h>

using namespace toolkit::gpu;

namespace {

using Names = std::set<std::string>;

ScanBudget plenty() { return {std::chrono::steady_clock::now() + std::chrono::hours(1), 1 << 30}; }

FatbinContent scanned(std::string_view bytes) {
  FatbinContent content;
  ScanBudget budget = plenty();
  const MemoryBytes source(bytes);
  scan_fatbin(source, 0, bytes.size(), budget, content);
  return content;
}

std::string trouble_of(std::string_view bytes) {
  const auto elf = read_elf(MemoryBytes(bytes));
  return elf ? "read" : elf.error();
}

}  // namespace

TEST_CASE("an ELF file's sections are found by name") {
  const std::string bytes =
      fake::elf({{".text", 1, "abc", 0, 16}, {".nv_fatbin", 1, "defg", 0, 8}});
  const auto elf = read_elf(MemoryBytes(bytes));
  REQUIRE(elf);
  REQUIRE(elf->section(".nv_fatbin") != nullptr);
  CHECK(elf->section(".nv_fatbin")->size == 4);
  CHECK(bytes.substr(elf->section(".nv_fatbin")->offset, 4) == "defg");
  CHECK(elf->section(".data") == nullptr);
}

TEST_CASE("a file that is no library, or not all of one, is told by what is wrong with it") {
  const std::string whole = fake::elf({{".text", 1, "abc", 0, 16}});
  CHECK(trouble_of("") == "not an ELF file");
  CHECK(trouble_of("#!/bin/sh\nexit 0\n" + std::string(100, ' ')) == "not an ELF file");
  CHECK(trouble_of(whole.substr(0, 40)) == "not an ELF file");
  CHECK(trouble_of(whole.substr(0, 64)) == "cut off before its section headers");
  CHECK(trouble_of(whole.substr(0, whole.size() - 1)) == "cut off in its section headers");
  std::string changed = whole;
  changed[EI_CLASS] = ELFCLASS32;
  CHECK(trouble_of(changed) == "not a 64-bit little-endian ELF file");
  changed = whole;
  changed.replace(offsetof(Elf64_Ehdr, e_shoff), 8, std::string(8, '\0'));
  CHECK(trouble_of(changed) == "no section headers");
  changed.replace(offsetof(Elf64_Ehdr, e_shoff), 8, std::string(8, '\xFF'));
  CHECK(trouble_of(changed) == "cut off before its section headers");
  changed = whole;
  changed[offsetof(Elf64_Ehdr, e_shnum) + 1] = '\x7F';
  CHECK(trouble_of(changed) == "too many sections");
}

TEST_CASE("no beginning of a library crashes the reader") {
  auto sections = fake::linked_with({"libcudart.so.12"});
  sections.push_back(fake::compat_note(R"({"Driver":[535]})"));
  sections.push_back({".nv_fatbin", 1, fake::fatbin({{}, fake::ptx(80, "80", 8, 0)}), 0, 8});
  const std::string whole = fake::elf(sections);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const MemoryBytes source(std::string_view(whole).substr(0, length));
    CHECK(!read_elf(source));
  }
}

TEST_CASE("what a library is linked with is read from its dynamic section") {
  const std::string bytes = fake::elf(fake::linked_with({"libcudart.so.12", "libc.so.6"}));
  const MemoryBytes source(bytes);
  const auto elf = read_elf(source);
  REQUIRE(elf);
  CHECK(needed_libraries(source, *elf) == std::vector<std::string>{"libcudart.so.12", "libc.so.6"});
}

TEST_CASE("a note counts when it is its owner's and lies within its section") {
  const auto note = [](const fake::Section& section) {
    const std::string bytes = fake::elf({section});
    const MemoryBytes source(bytes);
    return note_of(source, *read_elf(source)->section(section.name), "NVIDIA Corporation");
  };
  const std::string json = R"({"CUDA Version":"13.1"})";
  CHECK(note(fake::compat_note(json)) == json + '\0');
  CHECK(note(fake::compat_note(json, "GNU")) == "");
  fake::Section cut = fake::compat_note(json);
  cut.bytes.resize(cut.bytes.size() - 1);
  CHECK(note(cut) == "");
  cut.bytes.resize(11);
  CHECK(note(cut) == "");
}

TEST_CASE("a fatbin's architectures are listed, SASS and PTX apart") {
  const FatbinContent content =
      scanned(fake::fatbin({{2, 50}, {2, 80}, {2, 86}, fake::ptx(80, "80", 8, 0)}) +
              fake::fatbin({{2, 75}, {2, 80}}));
  CHECK(content.sass == Names{"50", "75", "80", "86"});
  CHECK(content.ptx == Names{"80"});
  CHECK(content.newest_ptx == "8.0");
  CHECK(!content.variants_unseen);
  CHECK(content.trouble.empty());
}

TEST_CASE("containers may have zeros between them") {
  const std::string one = fake::fatbin({{2, 80}});
  const FatbinContent content =
      scanned(std::string(24, '\0') + one + std::string(64, '\0') + fake::fatbin({{2, 90}}));
  CHECK(content.sass == Names{"80", "90"});
  CHECK(content.trouble.empty());
}

TEST_CASE("bytes that are in no container may be code that we do not know") {
  const FatbinContent content = scanned(fake::fatbin({{2, 80}}) + std::string(64, 'z'));
  CHECK(content.sass == Names{"80"});
  CHECK(content.trouble == "bytes that are in no container");
}

TEST_CASE("a variant is told where its own header is in the clear") {
  CHECK(scanned(fake::fatbin({fake::cubin(90, 7, 0x5A055A | 0x800)})).sass == Names{"90a"});
  CHECK(scanned(fake::fatbin({fake::cubin(90, 7, 0x5A055A)})).sass == Names{"90"});
  CHECK(!scanned(fake::fatbin({fake::cubin(90, 7, 0x5A055A)})).variants_unseen);
  CHECK(scanned(fake::fatbin({fake::cubin(120, 8, 0x06007808)})).sass == Names{"120a"});
  const FatbinContent clear = scanned(fake::fatbin({fake::cubin(100, 8, 0x06006402)}));
  CHECK(clear.sass == Names{"100"});
  CHECK(clear.variants_unseen);  // code for sm_100a has been seen with these flags
  CHECK(scanned(fake::fatbin({fake::ptx(90, "90a", 8, 0)})).ptx == Names{"90a"});
  CHECK(scanned(fake::fatbin({fake::ptx(100, "100f", 8, 8)})).ptx == Names{"100f"});
  CHECK(scanned(fake::fatbin({fake::ptx(120, "120, texmode_independent", 8, 7)})).ptx ==
        Names{"120"});
}

TEST_CASE("entries of CUDA 13 say their variant themselves, compressed or not") {
  const auto sass = [](std::uint32_t architecture, std::uint64_t flags) {
    return scanned(fake::fatbin({{2, architecture, std::string(64, 'x'), flags, 1, 8}}));
  };
  CHECK(sass(90, 0x102011).sass == Names{"90a"});
  CHECK(sass(100, 0x1108011).sass == Names{"100a"});
  CHECK(sass(100, 0x1208011).sass == Names{"100f"});
  CHECK(sass(100, 0x1008011).sass == Names{"100"});
  CHECK(!sass(100, 0x1008011).variants_unseen);
  const auto ptx = [](std::uint64_t flags) {
    return scanned(fake::fatbin({{1, 100, "packed", flags, 9, 0}}));
  };
  CHECK(ptx(0x108011).ptx == Names{"100a"});
  CHECK(ptx(0x208011).ptx == Names{"100f"});
  CHECK(ptx(0x8011).ptx == Names{"100"});
  CHECK(!ptx(0x8011).variants_unseen);
}

TEST_CASE("an older compressed entry leaves its variant open, from the first GPU that has some") {
  CHECK(scanned(fake::fatbin({{2, 90}})).variants_unseen);
  CHECK(!scanned(fake::fatbin({{2, 89}})).variants_unseen);
  CHECK(scanned(fake::fatbin({{1, 90}})).variants_unseen);
  // What stands first in compressed PTX stands there as it is.
  fake::Entry packed = fake::ptx(90, "90a", 8, 3);
  packed.flags = 0x8000;
  packed.payload = "\x28\xb5\x2f\xfd" + packed.payload + "packed";
  CHECK(scanned(fake::fatbin({packed})).ptx == Names{"90a"});
}

TEST_CASE("a target of another number than the entry's is not believed") {
  CHECK(scanned(fake::fatbin({fake::ptx(90, "75", 8, 0)})).ptx == Names{"90"});
}

TEST_CASE("other kinds of entries do not count, and one without an architecture is told") {
  CHECK(scanned(fake::fatbin({{16, 90}, {2, 80}})).sass == Names{"80"});
  const FatbinContent content = scanned(fake::fatbin({{2, 0}, {2, 80}, {2, 4000000000}}));
  CHECK(content.sass == Names{"80"});
  CHECK(content.trouble == "an entry without an architecture");
}

TEST_CASE("a size that leads out of its frame ends the look and is told") {
  std::string bytes = fake::fatbin({{2, 80}, {2, 90}});
  std::string longer = bytes;
  longer[8] = static_cast<char>(longer[8] + 1);
  CHECK(scanned(longer).trouble == "a container does not fit its section");
  std::string entry = bytes;
  entry.replace(16 + 8, 8, std::string(8, '\xFF'));
  CHECK(scanned(entry).trouble == "an entry does not fit its container");
  std::string head = bytes;
  head.replace(16 + 4, 4, std::string("\xFF\xFF\0\0", 4));
  CHECK(scanned(head).trouble == "an entry does not fit its container");
  std::string empty = bytes;
  empty.replace(16 + 4, 4, std::string(4, '\0'));
  CHECK(scanned(empty).trouble == "an entry does not fit its container");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CHECK(scanned(std::string_view(bytes).substr(0, length)).sass.size() <= 1);
  }
}

TEST_CASE("a budget that is spent ends the look and is told") {
  const std::string one =
      fake::fatbin({{2, 80, std::string(9000, 'x')}, {2, 86, std::string(9000, 'x')}});
  const std::string bytes = one + one + fake::fatbin({{2, 90}});
  FatbinContent content;
  ScanBudget budget{std::chrono::steady_clock::now() + std::chrono::hours(1), 5000};
  const MemoryBytes source(bytes);
  scan_fatbin(source, 0, bytes.size(), budget, content);
  CHECK(content.sass == Names{"80", "86"});
  CHECK(content.trouble == "looking took too long and was cut short");
  CHECK(budget.spent());
  FatbinContent late;
  ScanBudget over{std::chrono::steady_clock::now(), 1 << 30};
  scan_fatbin(source, 0, bytes.size(), over, late);
  CHECK(late.trouble == "looking took too long and was cut short");
}
