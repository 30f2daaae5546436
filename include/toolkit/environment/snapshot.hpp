#pragma once
// A process environment as a value. Until something is changed it is the array it was made from, so
// a child gets exactly what a bare exec would give it: the order, duplicates, entries without '='.

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::environment {

class Snapshot {
 public:
  /// Borrows the null-terminated array and its strings, which must outlive this object. Null:
  /// empty.
  explicit Snapshot(const char* const* environment);
  Snapshot(Snapshot&&) = default;
  Snapshot& operator=(Snapshot&&) = default;

  /// The value of the first entry of this name, as getenv(3) answers.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  /// The first entry of this name gets the value, its duplicates go; a new name comes last.
  void set(std::string_view name, std::string_view value);
  /// Every entry of this name goes.
  void unset(std::string_view name);
  /// Null-terminated, for execve(2). Valid until the next change or the end of this object.
  [[nodiscard]] const char* const* as_envp() const;

 private:
  void make_own();
  const char* const* borrowed_;
  std::vector<const char*> entries_;  // with the null at the end; empty until the first change
  std::deque<std::string> strings_;   // "NAME=value" of what was set; a deque never moves them
};

}  // namespace toolkit::environment
