#include "loader_path.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <unistd.h>

#include <algorithm>

namespace toolkit::gpu {
namespace {

#if defined(__aarch64__)
#define TOOLKIT_ARCH "aarch64"
constexpr const char* kGlibcLoaders[] = {"/lib/ld-linux-aarch64.so.1"};
#else
#define TOOLKIT_ARCH "x86_64"
constexpr const char* kGlibcLoaders[] = {"/lib64/ld-linux-x86-64.so.2"};
#endif
constexpr const char* kMuslLoader = "/lib/ld-musl-" TOOLKIT_ARCH ".so.1";
constexpr const char* kMuslPath = "/etc/ld-musl-" TOOLKIT_ARCH ".path";
constexpr const char* kCache = "/etc/ld.so.cache";
constexpr std::size_t kMostOfCache = 8 << 20;  // 200 KB are usual

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

// Blank, colon and semicolon part; an empty one is the working directory, which has no driver.
std::vector<std::string> directories_of(std::string_view text, std::string_view separators) {
  std::vector<std::string> list;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    const std::string_view part = text.substr(0, end);
    if (part.starts_with('/') && part.find('$') == part.npos) {
      list.emplace_back(part);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return list;
}

std::string loader_of(const std::string& root) {
  const bool musl = exists(root + kMuslLoader);
  // gcompat gives musl the name of glibc's loader; ldconfig's cache it does not give.
  if (musl && !exists(root + kCache)) {
    return "musl";
  }
  const bool glibc =
      std::ranges::any_of(kGlibcLoaders, [&](const char* path) { return exists(root + path); });
  return glibc ? "glibc" : musl ? "musl" : "none";
}

// What glibc was built with differs: Debian's has the architecture's own directories.
std::vector<std::string> trusted_directories(const std::string& root) {
  constexpr const char* kOwn = "/usr/lib/" TOOLKIT_ARCH "-linux-gnu";
  if (exists(root + kOwn)) {
    return {"/lib/" TOOLKIT_ARCH "-linux-gnu", kOwn, "/lib", "/usr/lib"};
  }
  return {"/lib64", "/usr/lib64"};
}

}  // namespace

LoaderPath read_loader_path(const std::string& root, std::string_view library_path) {
  LoaderPath path;
  path.loader = loader_of(root);
  path.first = directories_of(library_path, ":;");
  if (path.loader == "musl") {
    const auto text = read_kernel_file(root + kMuslPath);
    path.last = text ? directories_of(*text, ":\n")
                     : std::vector<std::string>{"/lib", "/usr/local/lib", "/usr/lib"};
    return path;
  }
  path.last = trusted_directories(root);
  if (auto bytes = read_file(root + kCache, kMostOfCache)) {
    path.cache_bytes = std::move(*bytes);
    path.cache = parse_loader_cache(path.cache_bytes);
    path.cache.trouble =
        path.cache.trouble.empty() ? "" : std::string(kCache) + ": " + path.cache.trouble;
  } else if (path.loader == "glibc") {
    path.cache.trouble = bytes.error().message;
  }
  return path;
}

}  // namespace toolkit::gpu
