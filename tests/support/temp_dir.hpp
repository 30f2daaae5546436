#pragma once
// A directory for one test: gone afterwards, or left behind and named when the test fails.

#include <string>
#include <string_view>

namespace toolkit::support {

class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(std::string_view name) const;
  /// Writes a file below, with the directories it needs, and returns its path.
  std::string write(std::string_view name, std::string_view bytes, unsigned mode = 0644) const;

 private:
  std::string path_;
};

/// A file's bytes; the test fails if it cannot be read. Empty for a file that is not there yet is
/// what `read_file_or_empty` is for.
[[nodiscard]] std::string read_file(const std::string& path);
[[nodiscard]] std::string read_file_or_empty(const std::string& path);
[[nodiscard]] bool file_exists(const std::string& path);

}  // namespace toolkit::support
