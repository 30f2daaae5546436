#include "redact_text.hpp"

#include <algorithm>
#include <cctype>

namespace toolkit::gpu {
namespace {

constexpr std::size_t kLongRun = 32;  // digits: a container's id, a checksum, a UUID without dashes
constexpr std::size_t kFewestGroups = 4;  // a PCI address has three

bool is_hex(char letter) { return std::isxdigit(static_cast<unsigned char>(letter)) != 0; }
bool is_word(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

std::size_t digits_at(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_hex) - text.begin());
}

// "fe80:0000:0000:0000:…", "aa:bb:cc:dd:ee:ff": groups of one size.
std::size_t colon_groups(std::string_view text) {
  const std::size_t size = digits_at(text);
  std::size_t length = size, groups = 1;
  while ((size == 2 || size == 4) && length < text.size() && text[length] == ':' &&
         digits_at(text.substr(length + 1)) == size) {
    length += size + 1;
    ++groups;
  }
  return groups >= kFewestGroups ? length : 0;
}

// 8-4-4-4-12
std::size_t uuid(std::string_view text) {
  std::size_t length = 0;
  for (const std::size_t size : {8, 4, 4, 4, 12}) {
    if (length > 0 && (length >= text.size() || text[length++] != '-')) {
      return 0;
    }
    if (digits_at(text.substr(length)) != size) {
      return 0;
    }
    length += size;
  }
  return length;
}

// The digits behind "GPU-" or "MIG-", which may be cut short anywhere.
std::size_t cut_uuid(std::string_view text) {
  const auto end =
      std::ranges::find_if_not(text, [](char letter) { return is_hex(letter) || letter == '-'; });
  return static_cast<std::size_t>(end - text.begin());
}

// What a GID begins with says of which kind it is: link-local, or of an IPv4 address.
std::size_t kind_of_gid(std::string_view text) {
  for (const std::string_view kind :
       {"fe80:", "0000:0000:0000:0000:0000:ffff:", "FE80:", "0000:0000:0000:0000:0000:FFFF:"}) {
    if (text.starts_with(kind)) {
      return kind.size();
    }
  }
  return 0;
}

}  // namespace

std::size_t TextRedactor::name_length(std::string_view text) const {
  const std::size_t run = digits_at(text);
  const std::size_t length = std::max({colon_groups(text), uuid(text), run >= kLongRun ? run : 0});
  return length < text.size() && is_word(text[length]) ? 0 : length;
}

std::string TextRedactor::text(std::string_view text) {
  std::string made;
  const auto host_at = [&](std::string_view rest) {
    return std::ranges::find_if(host_names_, [&](const std::string& host) {
      return rest.starts_with(host) && (rest.size() == host.size() || !is_word(rest[host.size()]));
    });
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (at > 0 && is_word(text[at - 1])) {
      made += text[at++];
    } else if (rest.starts_with("GPU-") || rest.starts_with("MIG-")) {
      const std::size_t length = cut_uuid(rest.substr(4));
      const bool whole = 4 + length == rest.size() || !is_word(rest[4 + length]);
      made +=
          std::string(rest.substr(0, 4)) + (whole ? pseudonyms_.of(rest.substr(4, length)) : "");
      at += 4 + (whole ? length : 0);
    } else if (const std::size_t length = name_length(rest); length > 0) {
      const std::size_t kept = kind_of_gid(rest.substr(0, length));
      made += std::string(rest.substr(0, kept)) + pseudonyms_.of(rest.substr(kept, length - kept));
      at += length;
    } else if (const auto host = host_at(rest); host != host_names_.end()) {
      made += "host";
      at += host->size();
    } else if (rest.starts_with("home/") && at > 0 && text[at - 1] == '/') {
      made += "home/user";
      at += std::min(rest.find_first_of("/:; ", 5), rest.size());
    } else {
      made += text[at++];
    }
  }
  return made;
}

}  // namespace toolkit::gpu
