#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>

namespace toolkit {
namespace {

constexpr std::string_view kStars = "***";

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> ends) {
  for (const std::string_view end : ends) {
    if (name.ends_with(end)) {
      return true;
    }
  }
  return false;
}

// scheme://user:password@host: the password only, so that the user can still be seen.
void mask_url_passwords(std::string& text) {
  std::size_t at = 0;
  while ((at = text.find("://", at)) != std::string::npos) {
    at += 3;
    const std::size_t end = text.find_first_of("/ \t\n\"'", at);
    const std::size_t host = text.substr(at, end - at).rfind('@');
    const std::size_t colon = text.find(':', at);
    if (host != std::string::npos && colon < at + host) {
      text.replace(colon + 1, at + host - colon - 1, kStars);
    }
  }
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

void mask_assignments(std::string& text) {
  std::size_t at = 0;
  while ((at = text.find('=', at)) != std::string::npos) {
    std::size_t start = at;
    while (start > 0 && is_name_character(text[start - 1])) {
      --start;
    }
    ++at;
    if (is_secret_name(std::string_view(text).substr(start, at - 1 - start))) {
      const std::size_t end = std::min(text.find_first_of(" \t\n", at), text.size());
      text.replace(at, end - at, kStars);
      at += kStars.size();
    }
  }
}

}  // namespace

bool is_secret_name(std::string_view name) {
  std::string upper = to_upper(name);
  for (char& c : upper) {
    c = c == '-' ? '_' : c;
  }
  for (const std::string_view part : {"TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"}) {
    if (upper.find(part) != std::string::npos) {
      return !ends_with_any(upper, {"_FILE", "_PATH", "_DIR"});
    }
  }
  return ends_with_any(upper, {"_KEY", "APIKEY"}) || upper == "KEY";
}

std::string mask_secrets(std::string_view text) {
  std::string masked(text);
  mask_url_passwords(masked);
  mask_assignments(masked);
  return masked;
}

}  // namespace toolkit
