#pragma once
// Turns the states of consoles and log into lines for people: one for each change, none for what
// goes on.

#include <toolkit/output/console.hpp>
#include <toolkit/output/log_file.hpp>

#include <string>
#include <vector>

namespace toolkit::output {

class ConsoleHealth {
 public:
  explicit ConsoleHealth(const char* name) : name_(name) {}
  void look(const Console& console, Milliseconds stall_limit, std::vector<std::string>& warnings);

 private:
  const char* name_;
  bool stalled_ = false;
  int error_ = 0;
  std::uint64_t dropped_before_ = 0;
};

class LogHealth {
 public:
  void look(const std::string& path, const LogFileStats& stats, bool stalled,
            Milliseconds stall_limit, std::vector<std::string>& warnings);

 private:
  bool stalled_ = false;
  int error_ = 0;
  int rotation_error_ = 0;
  std::string reason_;
  std::uint64_t dropped_before_ = 0;
};

}  // namespace toolkit::output
