#include "address.hpp"
#include "ares_lookup.hpp"
#include "hosts_file.hpp"

namespace toolkit::net {
namespace {

// An answer that needs nobody else.
class Known : public Lookup {
 public:
  explicit Known(std::vector<Address> addresses) : result_(std::move(addresses)) {}

  void collect(std::vector<pollfd>& /*entries*/) const override {}
  [[nodiscard]] SteadyTime next_deadline() const override { return SteadyTime::max(); }
  void advance(std::span<const pollfd> /*entries*/, SteadyTime /*now*/) override {}
  [[nodiscard]] const std::optional<Answer>& result() const override { return result_; }

 private:
  std::optional<Answer> result_;
};

}  // namespace

std::unique_ptr<Lookup> Lookup::of(const Endpoint& endpoint, Record record,
                                   const std::string& server) {
  if (const auto address = numeric_address(endpoint.host, endpoint.port)) {
    return std::make_unique<Known>(std::vector{*address});
  }
  if ((record == Record::any || record == Record::all) && server.empty()) {
    if (auto addresses = hosts(endpoint.host, endpoint.port); !addresses.empty()) {
      return std::make_unique<Known>(std::move(addresses));
    }
  }
  return ask_name_servers(endpoint, record, server);
}

}  // namespace toolkit::net
