#include "sftp_path.hpp"

#include <fmt/core.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>

namespace toolkit::store::sftp {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
// NAME_MAX of Linux, less what we put around a name.
constexpr std::size_t kLongestName = 255 - 18;

Kind kind_of(const Attributes& attributes, std::string_view long_name) {
  if (attributes.mode && (*attributes.mode & S_IFMT) != 0) {
    const auto type = *attributes.mode & S_IFMT;
    return type == S_IFREG   ? Kind::file
           : type == S_IFDIR ? Kind::directory
           : type == S_IFLNK ? Kind::symlink
                             : Kind::other;
  }
  const char letter = long_name.empty() ? '-' : long_name[0];  // as of ls -l
  return letter == '-'   ? Kind::file
         : letter == 'd' ? Kind::directory
         : letter == 'l' ? Kind::symlink
                         : Kind::other;
}

constexpr std::string_view kDraftMark = ".toolkit-";
constexpr std::size_t kLetters = 8;

std::string draft_beside(const std::string& path, std::uint64_t number) {
  std::string name = "." + name_in(path).substr(0, kLongestName) + std::string(kDraftMark);
  for (std::size_t i = 0; i < kLetters; ++i, number >>= 8U) {
    name += "abcdefghijklmnopqrstuvwxyz012345"[number % 32];
  }
  return sibling_of(path, name);
}

}  // namespace

std::string root_of(const Location& location) {
  std::string path = location.path;
  if (path == "~" || path.starts_with("~/")) {
    path.erase(0, std::min<std::size_t>(2, path.size()));
  }
  while (path.size() > 1 && path.back() == '/') {
    path.pop_back();
  }
  return path.empty() ? "." : path;
}

std::string join(const std::string& root, const std::string& key) {
  if (key.empty()) {
    return root;
  }
  return root == "." ? key : root.back() == '/' ? root + key : root + "/" + key;
}

std::string parent_of(const std::string& path) {
  const auto at = path.rfind('/');
  return at == std::string::npos ? std::string() : path.substr(0, std::max<std::size_t>(at, 1));
}

std::string sibling_of(const std::string& path, const std::string& name) {
  return path.substr(0, path.rfind('/') + 1) + name;
}

std::string name_in(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string temporary_beside(const std::string& path) {
  std::uint64_t random = 0;
  while (::getrandom(&random, sizeof random, 0) < 0) {
  }
  return draft_beside(path, random);
}

// FNV-1a of 64 bits: it tells states of one source apart, and what the draft holds is compared.
std::string draft_of_source(const std::string& path, const Target& target, const Identity& source) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const std::string state =
      fmt::format("{} {} {} {} {}", path, target.size, target.mtime, source.device, source.inode);
  for (const char byte : state) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return draft_beside(path, hash);
}

bool is_draft_name(std::string_view name) {
  return name.starts_with('.') && name.find('/') == std::string_view::npos &&
         name.size() > kDraftMark.size() + kLetters &&
         name.substr(name.size() - kDraftMark.size() - kLetters).starts_with(kDraftMark);
}

Entry entry_of(std::string name, const Attributes& attributes, std::string_view long_name) {
  Entry entry;
  entry.name = std::move(name);
  entry.kind = kind_of(attributes, long_name);
  entry.size = attributes.size.value_or(0);
  entry.mtime = attributes.mtime.value_or(0) * kSecond;
  entry.mode = attributes.mode.value_or(0) & 07777;
  entry.uid = attributes.uid.value_or(0);
  entry.gid = attributes.gid.value_or(0);
  return entry;
}

std::uint32_t seconds_of(std::int64_t mtime) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(mtime / kSecond, 0, UINT32_MAX));
}

Attributes attributes_of(const Target& target) {
  Attributes attributes;
  if (target.mode != 0) {
    attributes.mode = target.mode & 07777;
  }
  attributes.atime = attributes.mtime = seconds_of(target.mtime);
  return attributes;
}

}  // namespace toolkit::store::sftp
