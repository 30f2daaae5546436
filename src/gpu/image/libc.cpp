// Which C library the image has: NVIDIA's driver libraries need glibc.
#include "elf.hpp"
#include "parts.hpp"

#include <algorithm>
#include <array>

namespace toolkit::gpu {
namespace {

// "GNU C Library (…) stable release version 2.36.", in the banner that libc.so.6 prints.
std::string glibc_version(const Places& places, const std::string& path) {
  constexpr std::string_view kWords = "release version ";
  constexpr std::size_t kPage = 4096, kOverlap = 64;
  const auto file = FileBytes::open(places.real(path));
  const auto elf = file ? read_elf(*file) : tl::unexpected(std::string());
  const ElfSection* section = elf ? elf->section(".rodata") : nullptr;
  if (section == nullptr) {
    return "";
  }
  Window window(*file);
  for (std::uint64_t at = 0; at < section->size; at += kPage - kOverlap) {
    const std::string_view bytes =
        window.at(section->offset + at,
                  static_cast<std::size_t>(std::min<std::uint64_t>(kPage, section->size - at)));
    if (const std::size_t found = bytes.find(kWords); found != std::string_view::npos) {
      const std::string_view version = bytes.substr(found + kWords.size());
      return std::string(
          version.substr(0, std::min(version.find_first_not_of("0123456789."), version.size())));
    }
  }
  return "";
}

bool has_musl(const Places& places) {
  return std::ranges::any_of(places.names("/lib"),
                             [](const std::string& name) { return name.starts_with("ld-musl-"); });
}

}  // namespace

std::string find_libc(const Places& places) {
  constexpr std::array<const char*, 6> kPaths{"/lib/x86_64-linux-gnu/libc.so.6",
                                              "/lib/aarch64-linux-gnu/libc.so.6",
                                              "/lib64/libc.so.6",
                                              "/usr/lib64/libc.so.6",
                                              "/usr/lib/libc.so.6",
                                              "/lib/libc.so.6"};
  const auto path =
      std::ranges::find_if(kPaths, [&](const char* one) { return places.is_file(one); });
  if (path == kPaths.end()) {
    return has_musl(places) ? "musl" : "none";
  }
  std::string version = glibc_version(places, *path);
  while (version.ends_with('.')) {
    version.pop_back();
  }
  return version.empty() ? "glibc" : "glibc " + version;
}

}  // namespace toolkit::gpu
