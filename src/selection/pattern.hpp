#pragma once
// The pattern of one rule: which part of a path it looks at, and whether that matches (rsync(1),
// PATTERN MATCHING RULES and ANCHORING INCLUDE/EXCLUDE PATTERNS).

#include "glob.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace toolkit::selection {

/// A path as all the rules look at it, made once for all of them.
class Subject {
 public:
  /// `root` is absolute, without a slash at its end; empty: none, or "/".
  Subject(std::string_view root, std::string_view path, bool is_directory);
  [[nodiscard]] bool is_directory() const { return is_directory_; }
  [[nodiscard]] std::string_view name() const;
  /// With the root: the absolute path, without its first slash unless `leading`.
  [[nodiscard]] std::string_view view(bool with_root, bool leading, bool trailing) const;
  /// Behind a directory of so many bytes of absolute path, slash included.
  [[nodiscard]] std::string_view below(std::size_t length, bool trailing) const;

 private:
  std::string bytes_;  // root, slash, path, slash
  std::size_t root_;
  bool is_directory_;
};

class Pattern {
 public:
  /// `absolute`: the modifier "/". `base`: the length of the absolute path, with a slash at its
  /// end, of the directory whose merge file it comes from; 0 for none.
  Pattern(std::string text, bool absolute, std::size_t base);
  [[nodiscard]] bool matches(const Subject& subject) const;
  /// As it was written.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  enum class Reach { name, whole, last_names, after_slashes };
  [[nodiscard]] std::string_view part_of(const Subject& subject) const;

  std::string text_;
  std::string literal_;       // without wildcards: the bytes
  std::optional<Glob> glob_;  // with
  Reach reach_ = Reach::name;
  std::size_t slashes_ = 0, base_ = 0;
  bool absolute_ = false, directories_only_ = false, slash_before_ = false, slash_behind_ = false;
};

}  // namespace toolkit::selection
