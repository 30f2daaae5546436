// Any bytes of a server, in any pieces, are an answer or none yet; a line of /proc/net/tcp is a
// socket or none. The first byte says who is asked and how, the second in what pieces.
#include <toolkit/probe/port_holder.hpp>

#include <src/probe/mysql.hpp>
#include <src/probe/mysql_packet.hpp>
#include <src/probe/postgres.hpp>
#include <src/probe/redis.hpp>
#include <src/probe/scram.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using toolkit::probe::Dialogue;
using toolkit::probe::ServerAddress;

namespace {

std::unique_ptr<Dialogue> make(unsigned which, const ServerAddress& address) {
  switch (which % 3) {
    case 0:
      return toolkit::probe::make_postgres_dialogue(address);
    case 1:
      return toolkit::probe::make_mysql_dialogue(address);
    default:
      return toolkit::probe::make_redis_dialogue(address);
  }
}

void converse(Dialogue& dialogue, std::string_view bytes, std::size_t piece) {
  (void)dialogue.ask();
  std::string inbox, outbox;
  while (!bytes.empty()) {
    inbox += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    const auto answer = dialogue.read(inbox, outbox);
    if (answer && answer->finding.met && answer->finding.final) {
      std::abort();  // a server that is ready need not stay so
    }
    if (answer && !answer->keep) {
      return;
    }
    if (answer) {
      (void)dialogue.ask();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  ServerAddress address;
  if ((data[0] & 8) != 0) {
    address.user = "app";
    address.password = "sesame";
    address.name = "3";
  }
  converse(*make(data[0], address), bytes, data[1] + std::size_t{1});
  (void)toolkit::probe::parse_socket(bytes);
  // The number of rounds is what a server may choose: no long ones here.
  toolkit::probe::Scram scram("", "sesame", "ours");
  if (bytes.size() < 32) {
    (void)scram.final_message("r=ours" + std::string(bytes) + ",i=2");
  }
  (void)scram.is_genuine(bytes);
  return 0;
}
