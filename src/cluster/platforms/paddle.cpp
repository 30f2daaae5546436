// What paddle.distributed.launch gives its processes, and what a PaddleJob gives its pods:
// python/paddle/distributed/launch/controllers/collective.py;
// pkg/controller.v1/paddlepaddle/envvar.go of Kubeflow's training operator.
#include "../platform.hpp"

namespace toolkit::cluster {
namespace {

// Clouds set PADDLE_TRAINER_ID of a node; beside a local rank it is of a process.
std::string_view detect_process(const Surroundings& surroundings) {
  return is_set(surroundings, "PADDLE_LOCAL_RANK") || is_set(surroundings, "PADDLE_RANK_IN_NODE")
             ? all_set(surroundings, {"PADDLE_TRAINER_ID", "PADDLE_TRAINERS_NUM"})
             : "";
}

void read_process(Account& account) {
  account.say({{Field::rank, "PADDLE_TRAINER_ID"},
               {Field::world_size, "PADDLE_TRAINERS_NUM"},
               {Field::local_world_size, "PADDLE_LOCAL_SIZE"},
               {Field::node_count, "PADDLE_NNODES"},
               {Field::job_id, "PADDLE_JOB_ID"}});
  account.say_first(Field::local_rank, {"PADDLE_LOCAL_RANK", "PADDLE_RANK_IN_NODE"});
  account.say_endpoint("PADDLE_MASTER");
}

std::string_view detect_pod(const Surroundings& surroundings) {
  return all_set(surroundings, {"PADDLE_NNODES", "PADDLE_JOB_ID"});
}

void read_pod(Account& account) {
  account.say({{Field::node_count, "PADDLE_NNODES"}, {Field::job_id, "PADDLE_JOB_ID"}});
  account.say_endpoint("PADDLE_MASTER");
  account.lacks(Field::node_rank, "the pods of a PaddleJob agree on their ranks at PADDLE_MASTER");
}

}  // namespace

extern const Platform kPaddle;
const Platform kPaddle{"paddle", "paddle.distributed.launch process", Scope::process,
                       detect_process, read_process};
extern const Platform kPaddleJob;
const Platform kPaddleJob{"paddle-job", "PaddleJob pod", Scope::node, detect_pod, read_pod};

}  // namespace toolkit::cluster
