#pragma once
// JSON that a platform has put into a variable or a file. Nothing here throws; what is broken is an
// error with its place. At most 64 levels deep and 1 MiB long.

#include <toolkit/base/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::cluster {

struct JsonMember;

struct JsonInput {
  enum class Kind { null, text, number, truth, list, object } kind = Kind::null;
  std::string text;                 // of texts, numbers and truths
  std::vector<JsonMember> members;  // a list's have no names

  /// Nothing for what is no object or has no such member.
  [[nodiscard]] const JsonInput* find(std::string_view name) const;
  /// The texts of a list of texts; others are left out.
  [[nodiscard]] std::vector<std::string> texts() const;
};

struct JsonMember {
  std::string name;
  JsonInput value;
};

/// `what` names it in an error: "TF_CONFIG: … at byte 17".
[[nodiscard]] Result<JsonInput> parse_json(std::string_view text, std::string_view what);

}  // namespace toolkit::cluster
