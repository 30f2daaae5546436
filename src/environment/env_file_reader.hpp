#pragma once
// Reads an environment file item by item: an assignment, nothing, or what is wrong with a line.

#include <toolkit/environment/env_file.hpp>
#include <toolkit/environment/shell_form.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace toolkit::environment {

struct BrokenLine {
  std::size_t number = 0;
  std::string reason;  // without the value
};

using EnvFileItem = std::variant<std::monostate, Assignment, BrokenLine>;

class EnvFileReader {
 public:
  explicit EnvFileReader(std::string_view text);
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  /// What the next line says, and the lines after it that its quotes hold.
  [[nodiscard]] EnvFileItem next();

 private:
  EnvFileItem read_value(std::string_view key, std::string_view rest, std::size_t number);
  EnvFileItem read_quoted(std::string_view key, std::string_view rest, std::size_t number);
  /// From behind the opening quote to the closing one, which is taken. False when there is none.
  bool read_until_quote(char quote, std::string& value);
  void read_escape(std::string& value);
  std::string_view take_line();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;  // lines taken so far
};

}  // namespace toolkit::environment
