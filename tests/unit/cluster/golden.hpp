#pragma once
// Golden environments: files of goldens/, a case being three lines and an empty one.
//   NAME
//   VARIABLE=value …          (%n is a line break and %s a blank; file:/PATH=bytes makes a file)
//   = what identify() answers, and "!" before what is broken, "?" before a conflict

#include <toolkit/cluster/identity.hpp>

#include <map>
#include <string>
#include <vector>

namespace toolkit::cluster::golden {

struct Case {
  std::string platform, name;
  std::map<std::string, std::string> variables, files;
  std::string expected;
};

[[nodiscard]] std::vector<Case> read_cases();

/// What identify() makes of it. The files lie in a directory of their own while it looks.
[[nodiscard]] Identity identity_of(const Case& golden, const Wishes& wishes = {});

/// "torchrun: rank=1 world_size=2 … ! … ? …", one line.
[[nodiscard]] std::string summary(const Identity& identity);

}  // namespace toolkit::cluster::golden
