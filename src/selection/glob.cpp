#include "glob.hpp"

#include "byte_class.hpp"

#include <algorithm>

namespace toolkit::selection {

Glob::Glob(std::string_view pattern, bool after_slashes) {
  if (after_slashes) {
    tokens_ = {{Kind::two_stars}, {Kind::byte, '/'}};
  }
  while (!pattern.empty() && !nothing_) {
    const auto byte = static_cast<unsigned char>(pattern.front());
    pattern.remove_prefix(1);
    if (byte == '*') {
      const std::size_t more = std::min(pattern.find_first_not_of('*'), pattern.size());
      pattern.remove_prefix(more);
      tokens_.push_back({more == 0 ? Kind::star : Kind::two_stars});
    } else if (byte == '?') {
      tokens_.push_back({Kind::any});
    } else if (byte == '[') {
      nothing_ = !add_set(pattern);
    } else if (byte != '\\') {
      tokens_.push_back({Kind::byte, byte});
    } else if (pattern.empty()) {
      nothing_ = true;
    } else {
      tokens_.push_back({Kind::byte, static_cast<unsigned char>(pattern.front())});
      pattern.remove_prefix(1);
    }
  }
}

bool Glob::add_set(std::string_view& rest) {
  auto set = take_byte_class(rest);
  if (!set) {
    return false;
  }
  tokens_.push_back({Kind::set, 0, sets_.size()});
  sets_.push_back(*set);
  return true;
}

bool Glob::is_star(const Token& token) {
  return token.kind == Kind::star || token.kind == Kind::two_stars;
}

// For a star: whether it may take this byte in.
bool Glob::accepts(const Token& token, unsigned char byte) const {
  switch (token.kind) {
    case Kind::byte:
      return token.byte == byte;
    case Kind::set:
      return sets_[token.set][byte];
    case Kind::any:
    case Kind::star:
      return byte != '/';
    case Kind::two_stars:
      break;
  }
  return true;
}

// What stands before the first star and behind the last one has its place in the text, which
// decides most patterns ("*.log") at once.
bool Glob::matches(std::string_view text) const {
  std::size_t from = 0, to = tokens_.size();
  while (!nothing_ && from < to && !is_star(tokens_[from])) {
    if (text.empty() || !accepts(tokens_[from], static_cast<unsigned char>(text.front()))) {
      return false;
    }
    text.remove_prefix(1);
    ++from;
  }
  while (!nothing_ && from < to && !is_star(tokens_[to - 1])) {
    if (text.empty() || !accepts(tokens_[to - 1], static_cast<unsigned char>(text.back()))) {
      return false;
    }
    text.remove_suffix(1);
    --to;
  }
  if (nothing_ || from == to) {
    return !nothing_ && text.empty();
  }
  if (to - from == 1) {
    return tokens_[from].kind == Kind::two_stars || text.find('/') == std::string_view::npos;
  }
  return matches_between_stars(text, from, to);
}

// All ways at once: at[i] says that token i is the next one for some way to have taken the text so
// far. The first and the last token are stars, and the last one takes the rest.
bool Glob::matches_between_stars(std::string_view text, std::size_t from, std::size_t to) const {
  std::vector<char> at = {1, 1};  // a star may take nothing
  at.resize(to - from, 0);
  for (const char c : text) {
    for (std::size_t i = at.size(); i-- > 0;) {  // from the end: a byte goes one token on
      const Token& token = tokens_[from + i];
      const bool taken = at[i] != 0 && accepts(token, static_cast<unsigned char>(c));
      if (is_star(token)) {
        at[i] = taken ? 1 : 0;
      } else {
        at[i] = 0;
        at[i + 1] = taken ? 1 : at[i + 1];
      }
    }
    for (std::size_t i = 0; i + 1 < at.size(); ++i) {
      at[i + 1] = is_star(tokens_[from + i]) && at[i] != 0 ? 1 : at[i + 1];
    }
  }
  return at.back() != 0;
}

}  // namespace toolkit::selection
