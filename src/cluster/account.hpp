#pragma once
// What one platform says about us. The rules of a platform write into it; each value keeps the
// variables and files it comes from.

#include <toolkit/cluster/identity.hpp>

#include <initializer_list>

namespace toolkit::cluster {

/// A field that a variable says just so.
struct Said {
  Field field;
  std::string_view variable;
};

class Account {
 public:
  Account(const Surroundings& surroundings, const Wishes& wishes, std::string_view provider,
          Scope scope)
      : surroundings_(surroundings), wishes_(wishes), provider_(provider), scope_(scope) {}

  [[nodiscard]] const Surroundings& surroundings() const { return surroundings_; }
  [[nodiscard]] const Wishes& wishes() const { return wishes_; }

  /// Nothing for one that is unset or empty: both mean that nobody has said anything.
  [[nodiscard]] std::optional<std::string_view> text(std::string_view variable) const;
  /// A variable that is no whole number becomes a trouble, and nothing.
  std::optional<std::uint32_t> number(std::string_view variable);
  /// "NAME=value", as sources are written.
  [[nodiscard]] std::string source(std::string_view variable) const;

  /// The variable's value for the field, if it has one that the field can take. False if not.
  bool say(Field field, std::string_view variable);
  void say(std::initializer_list<Said> all);
  /// RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE, NODE_RANK, MASTER_ADDR and MASTER_PORT in the
  /// meaning that torch gives them, which several launchers share.
  void say_as_torch();
  /// The first of the variables that is set.
  void say_first(Field field, std::initializer_list<std::string_view> variables);
  /// "host:port" of one variable, as MASTER_ADDR and, where it has one, MASTER_PORT.
  void say_endpoint(std::string_view variable);
  void compose(Field field, std::string text, std::vector<std::string> sources, std::string rule);
  void set(Field field, std::string text, std::vector<std::string> sources);
  /// Why a field stays unset, also where the engine could compose it.
  void lacks(Field field, std::string why);
  void trouble(std::string text) { troubles.push_back(std::move(text)); }

  /// The names of all nodes, in the order of their ranks, and the first one as MASTER_ADDR.
  void say_nodes(const std::vector<std::string>& names, const std::string& source);

  Values values;
  std::array<std::string, kFieldCount> missing;
  std::vector<std::string> troubles;
  /// Processes of each node, in the order of their ranks; or of every node, if there is one only.
  struct Slots {
    std::vector<std::uint32_t> counts;
    std::vector<std::string> sources;
    Confidence confidence = Confidence::said;
  } slots;

 private:
  void put(Field field, Value value);

  const Surroundings& surroundings_;
  const Wishes& wishes_;
  std::string_view provider_;
  Scope scope_;
};

/// "host:29500" → "host" and "29500"; "[::1]:29500" → "::1"; without a port the second is empty.
[[nodiscard]] std::pair<std::string, std::string> host_and_port(std::string_view text);

}  // namespace toolkit::cluster
