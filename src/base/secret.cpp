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

// TOKENIZERS_PARALLELISM, --max-tokens, num_tokens_per_batch: a trainer's tokens are pieces of
// text.
bool is_about_text_tokens(std::string_view upper) {
  if (upper.find("TOKENIZ") != std::string_view::npos) {
    return true;
  }
  const bool counts = upper.starts_with("MAX_") || upper.starts_with("MIN_") ||
                      upper.starts_with("NUM_") || upper.starts_with("N_") ||
                      upper.find("_MAX_") != std::string_view::npos ||
                      upper.find("_NUM_") != std::string_view::npos;
  return counts && upper.find("TOKENS") != std::string_view::npos;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// Where the value that starts at `at` ends: behind its closing quote, else before the next blank.
// An & does not end it: it may be part of a password.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  const char quote = at < text.size() ? text[at] : '\0';
  if (quote != '"' && quote != '\'') {
    return std::min(text.find_first_of(" \t\n", at), text.size());
  }
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      return i + 1;
    }
    i += text[i] == '\\' && quote == '"' ? 1 : 0;
  }
  return text.size();
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
      const std::size_t end = end_of_value(text, at);
      if (end > at) {
        text.replace(at, end - at, kStars);
        at += kStars.size();
      }
    }
  }
}

}  // namespace

bool is_secret_name(std::string_view name) {
  std::string upper = to_upper(name);
  for (char& c : upper) {
    c = c == '-' ? '_' : c;
  }
  if (is_about_text_tokens(upper)) {
    return false;
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
