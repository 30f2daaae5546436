#include "reference_roff.hpp"

#include "reference_text.hpp"

#include <fmt/core.h>

namespace toolkit::cli::reference {
namespace {

// mandoc's lint asks for lines of at most 80 bytes.
constexpr std::size_t kLineLength = 78;

/// A line that begins with a dot or a quote would be taken for a request.
std::string guarded(const std::string& text) {
  const bool request = text.starts_with('.') || text.starts_with('\'');
  return request ? "\\&" + text : text;
}

/// `--option` for --option, so that both are set the same way.
std::string quoted_option(const std::string& word) {
  if (!word.starts_with("--")) {
    return word;
  }
  const auto end = word.find_last_not_of(",;:") + 1;
  return fmt::format("`{}`{}", word.substr(0, end), word.substr(end));
}

/// A word with its backticks turned into font changes; `literal` says whether one is open.
std::string shaped(const std::string& word, bool& literal) {
  std::string text;
  for (const char character : word) {
    if (character == '`') {
      literal = !literal;
      text += literal ? "\\fB" : "\\fR";
    } else if (character == '-' && literal) {
      text += "\\-";
    } else if (character == '\\') {
      text += "\\e";
    } else {
      text += character;
    }
  }
  return guarded(replace(text, {{"…", "..."}}));
}

}  // namespace

std::string roff_literal(std::string_view text) {
  return guarded(replace(std::string(text), {{"\\", "\\e"},
                                             {"-", "\\-"},
                                             {"'", "\\(aq"},
                                             {"`", "\\(ga"},
                                             {"^", "\\(ha"},
                                             {"~", "\\(ti"},
                                             {"…", "..."}}));
}

std::string roff_prose(std::string_view text) {
  std::vector<std::string> words;
  bool literal = false;
  for (const std::string& word : words_of(text)) {
    words.push_back(shaped(quoted_option(word), literal));
  }
  return fill(words, 0, kLineLength);
}

std::string roff_sentence(std::string_view text) {
  std::string filled = roff_prose(text);
  filled.pop_back();
  return filled + (text.ends_with("…") ? "\n" : ".\n");
}

std::string roff_bold(std::string_view literal) {
  return fmt::format("\\fB{}\\fR", roff_literal(literal));
}

std::string roff_italic(std::string_view literal) {
  return fmt::format("\\fI{}\\fR", roff_literal(literal));
}

}  // namespace toolkit::cli::reference
