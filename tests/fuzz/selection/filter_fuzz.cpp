// A rule file, a NUL, and a path: any bytes are rules or a usage error with words in it, every rule
// gives one verdict however often it is asked, and a verdict against a name is a rule's.
#include <toolkit/selection/filter.hpp>

#include <src/selection/scope.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

using toolkit::ErrorKind;
using toolkit::selection::Filter;
using toolkit::selection::RuleText;
using toolkit::selection::Scope;

namespace {

// The one file is the file of the user, and the one of every directory.
struct OneFile : toolkit::selection::RuleReader {
  explicit OneFile(std::string_view text) : bytes(text) {}
  toolkit::Result<std::string> read_file(const std::string& path) override {
    return path.size() > 60
               ? toolkit::Result<std::string>(toolkit::fail(ErrorKind::not_found, path))
               : bytes;
  }
  toolkit::Result<std::string> read_in_tree(const std::string& key) override {
    return read_file(key);
  }
  std::string bytes;
};

void expect(bool good) {
  if (!good) {
    std::abort();
  }
}

void judge(const Filter& filter, const Scope& scope, std::string_view path) {
  for (const bool is_directory : {false, true}) {
    const auto first = filter.judge(scope, path, is_directory);
    expect(first.included || !first.rule.empty());
    expect(filter.judge(scope, path, is_directory).rule == first.rule);
    (void)filter.protects(scope, path, is_directory);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = text.find('\0');
  const std::string_view path = end == std::string_view::npos ? "a/b.log" : text.substr(end + 1);
  for (const auto form : {RuleText::Form::filter, RuleText::Form::exclude_from}) {
    OneFile reader(text.substr(0, end));
    const auto filter = Filter::make({{form, form == RuleText::Form::filter ? "merge f" : "f"},
                                      {RuleText::Form::filter, ": /up/.rules"}},
                                     reader, "/up/root");
    if (!filter) {
      expect(!filter.error().message.empty());
      continue;
    }
    const auto root = filter->enter(nullptr, "", reader);
    const auto scope = root ? filter->enter(*root, "a", reader) : root;
    judge(*filter, scope ? **scope : Scope{}, path);
  }
  return 0;
}
