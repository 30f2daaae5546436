// dns:NAME[=COUNT] [type=a|aaaa|srv] [server=ADDRESS[:PORT]]: so many records. Without a type: the
// addresses that a connection would have, of /etc/hosts or of both families.
#include "schemes.hpp"
#include "transport.hpp"
#include "values.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/net/resolver.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::probe {
namespace {

constexpr std::uint16_t kDnsPort = 53;

struct Wish {
  std::string name;
  net::Record record = net::Record::all;
  std::string server;
  std::string op = ">=";
  long long count = 1;
};

bool holds(const Wish& wish, long long count) {
  if (wish.op == "=") {
    return count == wish.count;
  }
  if (wish.op == "!=") {
    return count != wish.count;
  }
  const long long least = wish.op == ">" ? wish.count + 1 : wish.count;
  const bool reaches = count >= least;
  return wish.op.starts_with('>') ? reaches : wish.op == "<" ? !reaches : count <= wish.count;
}

class DnsProbe : public Probe {
 public:
  explicit DnsProbe(Wish wish) : wish_(std::move(wish)) {}

  void begin(SteadyTime now, SteadyTime until) override {
    finding_.reset();
    until_ = until;
    lookup_ = net::Lookup::of({wish_.name, 0}, wish_.record, wish_.server);
    look(now);
  }
  void collect(std::vector<pollfd>& entries) const override {
    if (lookup_) {
      lookup_->collect(entries);
    }
  }
  [[nodiscard]] SteadyTime next_deadline() const override {
    return lookup_ ? std::min(until_, lookup_->next_deadline()) : SteadyTime::max();
  }
  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    if (lookup_) {
      lookup_->advance(entries, now);
      look(now);
    }
  }
  [[nodiscard]] std::optional<Finding> take() override {
    return std::exchange(finding_, std::nullopt);
  }

 private:
  void look(SteadyTime now) {
    if (const auto& result = lookup_->result()) {
      finding_ =
          *result ? count(static_cast<long long>((*result)->size())) : finding_of(result->error());
    } else if (now >= until_) {
      finding_ = silent("no answer from the name server");
    }
    if (finding_) {
      lookup_.reset();
    }
  }

  [[nodiscard]] Finding count(long long count) const {
    const char* what = wish_.record == net::Record::srv ? "service" : "address";
    const char* plural = wish_.record == net::Record::srv ? "s" : "es";
    if (holds(wish_, count)) {
      return {.met = true,
              .words = fmt::format("{} {}{}", count, what, count == 1 ? "" : plural),
              .exit_code = {}};
    }
    return {.reason = Reason::not_yet,
            .words = fmt::format("{} {}{}, wanted {}{}", count, what, count == 1 ? "" : plural,
                                 wish_.op == "=" ? "" : wish_.op, wish_.count),
            .exit_code = {}};
  }

  Wish wish_;
  std::unique_ptr<net::Lookup> lookup_;
  SteadyTime until_{};
  std::optional<Finding> finding_;
};

using Wrong = std::optional<condition::Mistake>;

// "workers=3", "workers>=3": the count stands in the target.
Wrong read_target(const condition::Leaf& leaf, Wish& wish) {
  std::string_view text = leaf.target.text;
  text.remove_prefix(text.starts_with("//") ? 2 : 0);
  const auto op = text.find_first_of("=<>!");
  wish.name = text.substr(0, op);
  if (op != std::string_view::npos) {
    const auto number = text.find_first_not_of("=<>!", op);
    wish.op = text.substr(op, number - op);
    // Without a number, what is parsed is empty and refused.
    const auto count = parse_whole(text.substr(std::min(number, text.size())));
    constexpr std::array<std::string_view, 6> kOperators{"=", "!=", ">", ">=", "<", "<="};
    if (!count || *count < 0 || std::ranges::find(kOperators, wish.op) == kOperators.end()) {
      return mistake(leaf, leaf.target, "the count of dns: is = or >= and a whole number",
                     "as in dns:workers=3 or dns:workers>=3")
          .value();
    }
    wish.count = *count;
  }
  if (auto name = net::parse_endpoint(wish.name, kDnsPort); !name || name->host != wish.name) {
    return mistake(leaf, leaf.target, fmt::format("'{}' is not a name", printable(wish.name)),
                   "as in dns:db.example or dns:workers=3")
        .value();
  }
  return std::nullopt;
}

Wrong read_type(const condition::Leaf& leaf, const condition::Parameter& type, Wish& wish) {
  struct Named {
    std::string_view name;
    net::Record record;
  };
  constexpr std::array<Named, 3> kTypes{
      {{"a", net::Record::a}, {"aaaa", net::Record::aaaa}, {"srv", net::Record::srv}}};
  const auto found = std::ranges::find(kTypes, std::string_view(type.value.text), &Named::name);
  if (found == kTypes.end()) {
    return mistake(leaf, type.value, "type is a, aaaa or srv").value();
  }
  wish.record = found->record;
  return wants_operator(leaf, type, "=");
}

// Numeric, since a name would need a name server.
Wrong read_server(const condition::Leaf& leaf, const condition::Parameter& server, Wish& wish) {
  const auto endpoint = net::parse_endpoint(server.value.text, kDnsPort);
  if (!endpoint || !net::is_numeric(endpoint->host)) {
    return mistake(leaf, server.value, "server is the address of a name server",
                   "as in server=192.0.2.53 or server=192.0.2.53:5353")
        .value();
  }
  wish.server = to_text(*endpoint);
  return wants_operator(leaf, server, "=");
}

Wrong read_parameters(const condition::Leaf& leaf, Wish& wish) {
  if (auto unknown = unknown_parameter(leaf, {"type", "server"})) {
    return unknown;
  }
  if (const auto* type = leaf.find("type")) {
    if (auto wrong = read_type(leaf, *type, wish)) {
      return wrong;
    }
  }
  const auto* server = leaf.find("server");
  return server != nullptr ? read_server(leaf, *server, wish) : std::nullopt;
}

}  // namespace

Made make_dns(const condition::Leaf& leaf, const Settings& /*settings*/) {
  Wish wish;
  if (auto wrong = read_target(leaf, wish)) {
    return tl::unexpected(std::move(*wrong));
  }
  if (auto wrong = read_parameters(leaf, wish)) {
    return tl::unexpected(std::move(*wrong));
  }
  return std::make_unique<DnsProbe>(std::move(wish));
}

}  // namespace toolkit::probe
