#include "byte_class.hpp"

#include <array>

namespace toolkit::selection {
namespace {

bool between(int byte, int low, int high) { return byte >= low && byte <= high; }
bool is_upper(int byte) { return between(byte, 'A', 'Z'); }
bool is_lower(int byte) { return between(byte, 'a', 'z'); }
bool is_digit(int byte) { return between(byte, '0', '9'); }
bool is_alpha(int byte) { return is_upper(byte) || is_lower(byte); }
bool is_alnum(int byte) { return is_alpha(byte) || is_digit(byte); }
bool is_graph(int byte) { return between(byte, 0x21, 0x7e); }
bool is_print(int byte) { return between(byte, 0x20, 0x7e); }
bool is_punct(int byte) { return is_graph(byte) && !is_alnum(byte); }
bool is_blank(int byte) { return byte == ' ' || byte == '\t'; }
bool is_space(int byte) { return byte == ' ' || between(byte, '\t', '\r'); }
bool is_cntrl(int byte) { return between(byte, 0, 0x1f) || byte == 0x7f; }
bool is_xdigit(int byte) {
  return is_digit(byte) || between(byte, 'a', 'f') || between(byte, 'A', 'F');
}

struct Named {
  std::string_view name;
  bool (*has)(int byte);
};
// The C locale's classes, whatever the user's locale: names are bytes.
constexpr std::array<Named, 12> kNamed = {{{"alnum", is_alnum},
                                           {"alpha", is_alpha},
                                           {"blank", is_blank},
                                           {"cntrl", is_cntrl},
                                           {"digit", is_digit},
                                           {"graph", is_graph},
                                           {"lower", is_lower},
                                           {"print", is_print},
                                           {"punct", is_punct},
                                           {"space", is_space},
                                           {"upper", is_upper},
                                           {"xdigit", is_xdigit}}};

class Reader {
 public:
  explicit Reader(std::string_view& rest) : rest_(rest) {}

  std::optional<std::bitset<256>> read() {
    const bool negated = next_is('!') || next_is('^');
    if (negated) {
      rest_.remove_prefix(1);
    }
    do {  // a bracket at the very start is a member
      if (!member()) {
        return std::nullopt;
      }
    } while (!next_is(']'));
    rest_.remove_prefix(1);
    if (negated) {
      set_.flip();
    }
    set_.reset('/');
    return set_;
  }

 private:
  [[nodiscard]] bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }

  // The byte that stands for itself, behind a backslash too.
  std::optional<unsigned char> plain() {
    if (next_is('\\')) {
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) {
      return std::nullopt;
    }
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }

  bool member() {
    if (next_is('-') && low_ && rest_.size() > 1 && rest_[1] != ']') {
      return range();
    }
    if (rest_.substr(0, 2) == "[:") {
      const std::size_t end = rest_.find(']', 2);
      if (end == std::string_view::npos) {
        return false;
      }
      if (end > 2 && rest_[end - 1] == ':') {
        return named(end);
      }
    }
    low_ = plain();
    if (low_) {
      set_.set(*low_);
    }
    return low_.has_value();
  }

  bool range() {
    rest_.remove_prefix(1);
    const auto high = plain();
    for (unsigned byte = low_.value_or(255); high && byte <= *high; ++byte) {
      set_.set(byte);
    }
    low_.reset();  // "a-c-e": the second one is a hyphen
    return high.has_value();
  }

  bool named(std::size_t end) {
    const std::string_view name = rest_.substr(2, end - 3);
    rest_.remove_prefix(end + 1);
    low_.reset();
    for (const Named& known : kNamed) {
      if (known.name == name) {
        for (int byte = 0; byte < 256; ++byte) {
          set_[static_cast<std::size_t>(byte)] =
              set_[static_cast<std::size_t>(byte)] || known.has(byte);
        }
        return true;
      }
    }
    return false;
  }

  std::string_view& rest_;
  std::bitset<256> set_;
  std::optional<unsigned char> low_;  // what a range may begin with
};

}  // namespace

std::optional<std::bitset<256>> take_byte_class(std::string_view& rest) {
  return Reader(rest).read();
}

}  // namespace toolkit::selection
