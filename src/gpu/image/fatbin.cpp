#include "fatbin.hpp"

#include <toolkit/gpu/version.hpp>

#include <elf.h>

#include <algorithm>
#include <cstddef>

namespace toolkit::gpu {
namespace {

constexpr std::uint32_t kMagic = 0xBA55ED50;
constexpr std::size_t kContainerHeader = 16, kEntryHeader = 64;
constexpr std::size_t kSmallestEntry = 32;  // up to the architecture
constexpr std::uint16_t kPtx = 1, kSass = 2;
constexpr std::uint64_t kCompressed = 0x1000 | 0x2000 | 0x8000;
// Seen in what nvcc 13.0 makes of sm_90a, sm_100a, sm_100f and their PTX, compressed or not.
// Whether older ones set them is not known, so that a clear one means something only in entries of
// its age.
constexpr std::uint64_t kExact = 0x100000, kFamily = 0x200000;
constexpr std::uint32_t kFirstWithVariants = 90;
constexpr std::size_t kPtxHead = 512;  // its directives stand first

struct Entry {
  std::uint16_t kind = 0;
  std::uint64_t header = 0, payload = 0, flags = 0;
  std::uint32_t architecture = 0;
  std::uint16_t isa_major = 0, isa_minor = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Of ".target sm_90a, texmode_independent". In a compressed entry too: what stands first has
// nothing before it that it could repeat, so it is there as it is.
std::string ptx_target(std::string_view head) {
  constexpr std::string_view kTarget = ".target sm_";
  const std::size_t at = head.find(kTarget);
  if (at == std::string_view::npos) {
    return "";
  }
  std::string_view name = head.substr(at + kTarget.size());
  std::size_t length = 0;
  while (length < name.size() && is_digit(name[length])) {
    ++length;
  }
  if (length < name.size() && (name[length] == 'a' || name[length] == 'f')) {
    ++length;
  }
  return std::string(name.substr(0, length));
}

enum class Variant { plain, exact, family, unseen };

// "90a" of "90".
std::string with_variant(std::string number, Variant variant) {
  return number + (variant == Variant::exact ? "a" : variant == Variant::family ? "f" : "");
}

// By the entry itself, from CUDA 13 on: its PTX is 9.0, its cubins are 1.8.
Variant own_variant(const Entry& entry) {
  if (entry.architecture < kFirstWithVariants) {
    return Variant::plain;
  }
  if ((entry.flags & (kExact | kFamily)) != 0) {
    return (entry.flags & kExact) != 0 ? Variant::exact : Variant::family;
  }
  const bool young =
      entry.kind == kPtx ? entry.isa_major >= 9 : entry.isa_major == 1 && entry.isa_minor >= 8;
  return young ? Variant::plain : Variant::unseen;
}

// The flags of a cubin's own ELF header. The bit of the layout before CUDA 13 is LLVM's
// EF_CUDA_ACCELERATORS_V1; that of the later one is seen to be clear in code for sm_100a, so there
// only a set one means something.
Variant cubin_variant(std::string_view head) {
  if (head.size() < sizeof(Elf64_Ehdr) || !head.starts_with(ELFMAG)) {
    return Variant::unseen;
  }
  const auto flags = little_endian<std::uint32_t>(head, offsetof(Elf64_Ehdr, e_flags));
  if (static_cast<unsigned char>(head[EI_ABIVERSION]) < 8) {
    return (flags & 0x800) != 0 ? Variant::exact : Variant::plain;
  }
  return (flags & 0x8) != 0 ? Variant::exact : Variant::unseen;
}

class Scan {
 public:
  Scan(const ByteSource& source, ScanBudget& budget, FatbinContent& content)
      : window_(source), budget_(budget), content_(content) {}

  void section(std::uint64_t at, std::uint64_t end) {
    while (end - at >= kContainerHeader && !stop_) {
      const std::string_view header = window_.exactly(at, kContainerHeader);
      if (header.empty()) {
        return give_up("it could not be read");
      }
      at = little_endian<std::uint32_t>(header, 0) == kMagic ? container(at, end, header)
                                                             : passed_over(at, header);
      charge();
    }
  }

 private:
  // Padding between containers is of zeros; anything else may be code in a form that we do not
  // know.
  std::uint64_t passed_over(std::uint64_t at, std::string_view bytes) {
    if (little_endian<std::uint64_t>(bytes, 0) != 0) {
      note("bytes that are in no container");
    }
    return at + 8;
  }

  // Where the next one may begin.
  std::uint64_t container(std::uint64_t at, std::uint64_t end, std::string_view bytes) {
    const std::uint64_t header = little_endian<std::uint16_t>(bytes, 6);
    const std::uint64_t payload = little_endian<std::uint64_t>(bytes, 8);
    if (header < kContainerHeader || header > end - at || payload > end - at - header) {
      give_up("a container does not fit its section");
      return end;
    }
    entries(at + header, at + header + payload);
    return std::min(end, (at + header + payload + 7) / 8 * 8);
  }

  void entries(std::uint64_t at, std::uint64_t end) {
    while (end - at >= kSmallestEntry && !stop_) {
      const std::string_view bytes =
          window_.at(at, static_cast<std::size_t>(std::min<std::uint64_t>(kEntryHeader, end - at)));
      if (bytes.size() < kSmallestEntry) {
        return give_up("it could not be read");
      }
      const Entry entry = parse(bytes);
      if (entry.header < kSmallestEntry || entry.header > end - at ||
          entry.payload > end - at - entry.header) {
        return give_up("an entry does not fit its container");
      }
      take(entry, at + entry.header);
      at += entry.header + entry.payload;
      charge();
    }
  }

  static Entry parse(std::string_view bytes) {
    Entry entry;
    entry.kind = little_endian<std::uint16_t>(bytes, 0);
    entry.header = little_endian<std::uint32_t>(bytes, 4);
    entry.payload = little_endian<std::uint64_t>(bytes, 8);
    entry.isa_minor = little_endian<std::uint16_t>(bytes, 24);
    entry.isa_major = little_endian<std::uint16_t>(bytes, 26);
    entry.architecture = little_endian<std::uint32_t>(bytes, 28);
    if (bytes.size() >= 48 && entry.header >= 48) {
      entry.flags = little_endian<std::uint64_t>(bytes, 40);
    }
    return entry;
  }

  void take(const Entry& entry, std::uint64_t payload) {
    if (entry.kind != kPtx && entry.kind != kSass) {
      return;  // LTO and the like, which the driver does not run
    }
    if (entry.architecture < 10 || entry.architecture > 999) {
      return note("an entry without an architecture");
    }
    const std::string number = std::to_string(entry.architecture);
    const std::string_view head = window_.at(
        payload, static_cast<std::size_t>(std::min<std::uint64_t>(kPtxHead, entry.payload)));
    entry.kind == kPtx ? take_ptx(entry, number, head) : take_sass(entry, number, head);
  }

  void take_ptx(const Entry& entry, const std::string& number, std::string_view head) {
    const std::string target = ptx_target(head);
    const Variant variant = own_variant(entry);
    const bool told = target == number || target == number + "a" || target == number + "f";
    content_.ptx.insert(told ? target : with_variant(number, variant));
    content_.variants_unseen |= !told && variant == Variant::unseen;
    const std::string isa = std::to_string(entry.isa_major) + "." + std::to_string(entry.isa_minor);
    if (entry.isa_major > 0 && compare_versions(isa, content_.newest_ptx) > 0) {
      content_.newest_ptx = isa;
    }
  }

  void take_sass(const Entry& entry, const std::string& number, std::string_view head) {
    Variant variant = own_variant(entry);
    if (variant == Variant::unseen && (entry.flags & kCompressed) == 0) {
      variant = cubin_variant(head);
    }
    content_.sass.insert(with_variant(number, variant));
    content_.variants_unseen |= variant == Variant::unseen;
  }

  void note(std::string why) {
    content_.trouble = content_.trouble.empty() ? std::move(why) : content_.trouble;
  }

  void give_up(std::string why) {
    note(std::move(why));
    stop_ = true;
  }

  void charge() {
    const std::uint64_t read = window_.bytes_read() - charged_;
    charged_ += read;
    budget_.bytes -= std::min(budget_.bytes, read);
    // The clock is asked for every page that was read, not for every header.
    if (read > 0 && budget_.spent()) {
      give_up("looking took too long and was cut short");
    }
  }

  Window window_;
  ScanBudget& budget_;
  FatbinContent& content_;
  std::uint64_t charged_ = 0;
  bool stop_ = false;
};

}  // namespace

void scan_fatbin(const ByteSource& source, std::uint64_t offset, std::uint64_t size,
                 ScanBudget& budget, FatbinContent& content) {
  Scan(source, budget, content).section(offset, offset + size);
}

}  // namespace toolkit::gpu
