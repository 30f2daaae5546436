#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// jax.distributed's own variables, as Kubeflow sets them: pkg/runtime/framework/plugins/jax/jax.go
// of Trainer v2, and the older names of pkg/controller.v1/jax/envvar.go of the training operator.
struct Names {
  std::string_view id, count, address, port;
};
constexpr Names kJax{"JAX_PROCESS_ID", "JAX_NUM_PROCESSES", "JAX_COORDINATOR_ADDRESS",
                     "JAX_COORDINATOR_PORT"};
constexpr Names kJaxJob{"PROCESS_ID", "NUM_PROCESSES", "COORDINATOR_ADDRESS", "COORDINATOR_PORT"};

std::string_view detect(const Surroundings& surroundings) {
  const auto key = all_set(surroundings, {kJax.id, kJax.count});
  return key.empty()
             ? all_set(surroundings, {kJaxJob.id, kJaxJob.count, kJaxJob.address, kJaxJob.port})
             : key;
}

void read(Account& account) {
  const Names& names = account.text(kJax.id) ? kJax : kJaxJob;
  account.say({{Field::rank, names.id}, {Field::world_size, names.count}});
  account.say_endpoint(names.address);
  account.say(Field::master_port, names.port);
}

}  // namespace

extern const Platform kJaxProcess;
const Platform kJaxProcess{"jax", "JAX process (Kubeflow Trainer v2, JAXJob)", Scope::process,
                           detect, read};

}  // namespace toolkit::cluster
