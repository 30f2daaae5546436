#pragma once
// What the rules of the platforms may look at: variables and a few small files. Values that a rule
// has read are remembered, so that each answer can say where it comes from.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace toolkit::cluster {

class Surroundings {
 public:
  using Variables = std::function<std::optional<std::string_view>(std::string_view name)>;
  /// `variables` as getenv(3) answers. Files are read below `root` ("" for the real ones; tests
  /// give a directory). `hostname` as gethostname(2) says it.
  Surroundings(Variables variables, std::string root, std::string hostname)
      : variables_(std::move(variables)), root_(std::move(root)), hostname_(std::move(hostname)) {}

  /// Nothing when it is not set. A variable that is set to "" is there and empty.
  [[nodiscard]] std::optional<std::string_view> variable(std::string_view name) const {
    return variables_(name);
  }
  /// The bytes of a file of at most 1 MiB, or nothing: not there, or not to be read.
  [[nodiscard]] std::optional<std::string> file(const std::string& path) const;
  [[nodiscard]] bool exists(const std::string& path) const;
  [[nodiscard]] const std::string& hostname() const { return hostname_; }

 private:
  Variables variables_;
  std::string root_;
  std::string hostname_;
};

}  // namespace toolkit::cluster
