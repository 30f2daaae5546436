// gpu-free:…: nothing here can look at GPUs yet, and no answer is made up.

#include "looking.hpp"
#include "schemes.hpp"

namespace toolkit::probe {

Made make_gpu_free(const condition::Leaf&, const Settings&) {
  return make_looking_probe([](SteadyTime) {
    return Look{{.final = true,
                 .reason = Reason::unknown,
                 .words = "cannot tell: this version does not look at GPUs",
                 .exit_code = 3}};
  });
}

}  // namespace toolkit::probe
