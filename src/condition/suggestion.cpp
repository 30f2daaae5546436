#include "suggestion.hpp"

#include "cursor.hpp"

#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::condition {
namespace {

constexpr std::array<std::string_view, 4> kFunctions{"all", "any", "not", "for"};

std::string did_you_mean(std::string_view prefix, std::string_view word) {
  return fmt::format("did you mean {}{}?", prefix, printable(mask_secrets(word)));
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Words of other languages for what is written all(…) and any(…) here.
std::string_view own_word(std::string_view word) {
  if (word == "and" || word == "&&" || word == "&") {
    return "all";
  }
  return word == "or" || word == "||" || word == "|" ? "any" : std::string_view();
}

std::string suggest_port(std::string_view host, std::string_view port) {
  return host.empty() ? fmt::format("did you mean port-free:{0}, or tcp://localhost:{0}?", port)
                      : did_you_mean("tcp://", fmt::format("{}:{}", host, port));
}

std::string suggest_for_punctuation(std::string_view word) {
  switch (word[0]) {
    case '!':
      return "a condition is negated by the word not before it, or by not(...)";
    case '\'':
    case '"':
      return "quotes belong behind the colon, as in file:'/my data/ready'";
    case ')':
      return "a closing bracket needs an opening one before it";
    default:
      return {};
  }
}

}  // namespace

std::string suggest_scheme(std::string_view word) {
  if (const std::string_view own = own_word(lower_case(word)); !own.empty()) {
    return fmt::format("write {}(CONDITION, CONDITION)", own);
  }
  if (std::string remedy = suggest_for_punctuation(word); !remedy.empty()) {
    return remedy;
  }
  if (std::ranges::find(kFunctions, word) != kFunctions.end()) {
    return fmt::format("it needs brackets: {}({}CONDITION)", word, word == "for" ? "10s, " : "");
  }
  const std::size_t slash = word.find('/');
  const std::size_t colon = word.rfind(':');
  if (colon != std::string_view::npos && slash == std::string_view::npos &&
      is_number(word.substr(colon + 1))) {
    return suggest_port(word.substr(0, colon), word.substr(colon + 1));
  }
  if (slash != std::string_view::npos) {
    return did_you_mean("file:", word);
  }
  if (is_number(word)) {
    return did_you_mean("pid:", word);
  }
  if (Cursor(word, 0).name() == word) {
    return did_you_mean("job:", word);
  }
  return "write SCHEME:TARGET, as in tcp://db:5432 or file:/data/ready";
}

std::string suggest_function(std::string_view name) {
  const std::string small = lower_case(name);
  std::string_view meant = own_word(small);
  if (meant.empty()) {
    meant = nearest(small, kFunctions);
  }
  return meant.empty() ? "brackets follow all, any, not or for"
                       : fmt::format("did you mean {}(...)?", meant);
}

}  // namespace toolkit::condition
