#include <toolkit/output/stamper.hpp>

namespace toolkit::output {
namespace {

// The longest time of RFC 3339 here (35: nanoseconds and an offset), " stdout ", and tags.
constexpr std::size_t longest_head = 128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// 2021-07-04T15:50:26, then a fraction, then Z or an offset (RFC 3339, section 5.6).
bool is_time(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00";
  if (text.size() <= shape.size()) {
    return false;
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == '0' ? !is_digit(text[i]) : text[i] != shape[i]) {
      return false;
    }
  }
  text.remove_prefix(shape.size());
  return text.find_first_not_of("0123456789.:+-Z") == std::string_view::npos;
}

}  // namespace

bool Restorer::feed(std::string_view bytes, std::string& out) {
  while (!bytes.empty()) {
    if (at_ != At::head) {
      read_words(bytes, out);
    } else if (!read_head(bytes)) {
      return false;
    }
  }
  return true;
}

/// Takes bytes up to the space behind the tag, which may come in pieces.
bool Restorer::read_head(std::string_view& bytes) {
  line_number_ += head_.empty() ? 1 : 0;
  while (!bytes.empty()) {
    const char c = bytes[0];
    bytes.remove_prefix(1);
    head_ += c;
    spaces_ += c == ' ' ? 1 : 0;
    if (spaces_ == 3) {
      return parse_head();
    }
    if (c == '\n' || head_.size() > longest_head) {
      return false;
    }
  }
  return true;
}

bool Restorer::parse_head() {
  const std::string_view head = head_;
  const std::size_t name = head.find(' ') + 1;
  const std::size_t tag = head.find(' ', name) + 1;
  const std::string_view stream = head.substr(name, tag - 1 - name);
  // Tags are separated by colons; only the first one has a meaning today.
  const std::string_view first = head.substr(tag, head.find_first_of(": ", tag) - tag);
  const bool right = is_time(head.substr(0, name - 1)) && (first == "F" || first == "P") &&
                     (stream == "stdout" || stream == "stderr");
  ends_line_ = first == "F";
  at_ = stream == (stream_ == Stream::out ? "stdout" : "stderr") ? At::ours : At::others;
  if (right) {  // else feed() stops here for good
    head_.clear();
    spaces_ = 0;
  }
  return right;
}

void Restorer::read_words(std::string_view& bytes, std::string& out) {
  const std::size_t newline = bytes.find('\n');
  const bool ended = newline != std::string_view::npos;
  if (at_ == At::ours) {
    out.append(bytes.substr(0, ended && ends_line_ ? newline + 1 : newline));
  }
  bytes.remove_prefix(ended ? newline + 1 : bytes.size());
  at_ = ended ? At::head : at_;
}

}  // namespace toolkit::output
