#include "session/session.h"

#include <cstring>
#include <memory>
#include <vector>

#include "binding/environment.h"
#include "binding/exports.h"
#include "binding/handle.h"
#include "binding/plan_reader.h"

namespace tfjs_sparse::binding {

namespace {

/// The handle's pointer is empty after dispose; runs that are under way keep the session alive.
using SessionHandle = Handle<std::shared_ptr<Session>, 0x7370617273657331>;

std::shared_ptr<Session> session_argument(const Napi::CallbackInfo& info) {
  std::shared_ptr<Session> session = SessionHandle::argument(info, 0, "session").value;
  if (!session)
    throw make_error(info.Env(), Status::Error(StatusCode::kDisposed, "the session was disposed"));
  return session;
}

/// No batch is larger than an array can hold, so that batch · features stays far from 2^64.
size_t batch_argument(const Arguments& arguments) {
  constexpr size_t kLargestBatch = 0x7fffffff;
  const size_t batch = arguments.size(1, "batch");
  if (batch <= kLargestBatch) return batch;
  throw make_error(arguments.env(),
                   Status::Error(StatusCode::kShape,
                                 "batch: expected at most 2147483647, received " + std::to_string(batch)));
}

/// What a typed array of a port must be.
struct PortSize {
  size_t size;
  bool integers;
};

/// One typed array per port; integers are seen as floats, which are only copied.
std::vector<Span<float>> port_arrays(const Napi::CallbackInfo& info, size_t position, const char* name,
                                     const std::vector<PortSize>& sizes) {
  const size_t ports = sizes.size();
  const Napi::Env env = info.Env();
  if (!info[position].IsArray() || info[position].As<Napi::Array>().Length() != ports)
    throw make_error(env, Status::Error(StatusCode::kShape, std::string(name) + ": expected " +
                                                                std::to_string(ports) + " arrays"));
  const Napi::Array array = info[position].As<Napi::Array>();
  Napi::Object holder = Napi::Object::New(env);
  std::vector<Span<float>> spans;
  for (uint32_t i = 0; i < ports; ++i) {
    holder.Set("values", array.Get(i));
    if (sizes[i].integers) {
      const Span<int32_t> span = int32_field(holder, name, "values");
      spans.push_back({reinterpret_cast<float*>(span.data), span.size});
    } else {
      spans.push_back(float32_field(holder, name, "values"));
    }
    if (spans.back().size != sizes[i].size)
      throw make_error(env, Status::Error(StatusCode::kShape,
                                          std::string(name) + "[" + std::to_string(i) + "]: expected " +
                                              std::to_string(sizes[i].size) + " values, received " +
                                              std::to_string(spans.back().size)));
  }
  return spans;
}

std::vector<PortSize> input_sizes(const Session& session, size_t batch) {
  std::vector<PortSize> sizes;
  for (size_t i = 0; i < session.inputs(); ++i)
    sizes.push_back({session.input_size(i, batch), session.input_is_integer(i)});
  return sizes;
}
std::vector<PortSize> output_sizes(const Session& session, size_t batch) {
  std::vector<PortSize> sizes;
  for (size_t i = 0; i < session.outputs(); ++i)
    sizes.push_back({session.output_size(i, batch), session.output_is_integer(i)});
  return sizes;
}

/// Runs off the JavaScript thread on copies of the inputs: a buffer may be resized or transferred meanwhile.
class RunWorker final : public Napi::AsyncWorker {
 public:
  RunWorker(Napi::Env env, std::shared_ptr<Session> session, size_t batch,
            const std::vector<Span<float>>& inputs)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        session_(std::move(session)),
        batch_(batch) {
    for (const Span<float>& input : inputs) inputs_.emplace_back(input.data, input.data + input.size);
    for (const PortSize& port : output_sizes(*session_, batch)) outputs_.emplace_back(port.size);
  }
  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    std::vector<const float*> inputs;
    std::vector<float*> outputs;
    for (const auto& input : inputs_) inputs.push_back(input.data());
    for (auto& output : outputs_) outputs.push_back(output.data());
    status_ = session_->run(inputs.data(), outputs.data(), batch_);
  }
  void OnOK() override {
    // Whatever fails here, the promise must settle.
    try {
      if (status_.ok())
        deferred_.Resolve(results());
      else
        deferred_.Reject(make_error(Env(), status_).Value());
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    }
  }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Array results() {
    Napi::Array arrays = Napi::Array::New(Env(), outputs_.size());
    for (uint32_t i = 0; i < outputs_.size(); ++i) {
      const size_t size = outputs_[i].size();
      Napi::ArrayBuffer memory = Napi::ArrayBuffer::New(Env(), size * sizeof(float));
      if (size > 0) std::memcpy(memory.Data(), outputs_[i].data(), size * sizeof(float));
      if (session_->output_is_integer(i))
        arrays.Set(i, Napi::Int32Array::New(Env(), size, memory, 0));
      else
        arrays.Set(i, Napi::Float32Array::New(Env(), size, memory, 0));
    }
    return arrays;
  }

  Napi::Promise::Deferred deferred_;
  std::shared_ptr<Session> session_;
  const size_t batch_;
  std::vector<std::vector<float>> inputs_, outputs_;
  Status status_;
};

}  // namespace

/// (plan, threads) -> handle
Napi::Value create_session(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments arguments(info);
  const Plan plan = read_plan(arguments.object(0, "plan"));
  std::shared_ptr<Session> session;
  throw_if_error(env, Session::create(plan, environment(env).isa, arguments.size(1, "threads"), &session));
  const size_t bytes = session->weight_bytes();
  return SessionHandle::wrap(env, std::move(session), bytes);
}

/// (handle) -> undefined. Running calls finish; the memory goes with the last of them.
Napi::Value dispose_session(const Napi::CallbackInfo& info) {
  SessionHandle::argument(info, 0, "session").release(info.Env());
  return info.Env().Undefined();
}

/// The hot call, in raw Node-API: (handle, x, out) -> 0, or another number when the arguments do not fit
/// (TypeScript then finds out which and throws). One input, one output; the batch is x.length / features.
napi_value run(napi_env env, napi_callback_info info) {
  enum Result { kOk = 0, kUnfit = 1, kFailed = 2 };
  const auto result = [&](Result code) {
    napi_value value;
    return napi_create_int32(env, code, &value) == napi_ok ? value : nullptr;
  };
  size_t count = 3;
  napi_value arguments[3];
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) != napi_ok || count != 3)
    return result(kUnfit);
  SessionHandle* handle = SessionHandle::unwrap(env, arguments[0]);
  if (handle == nullptr || !handle->value) return result(kUnfit);
  Session& session = *handle->value;
  if (session.inputs() != 1 || session.outputs() != 1) return result(kUnfit);
  if (session.input_is_integer(0) || session.output_is_integer(0)) return result(kUnfit);

  void* data[2];
  size_t length[2];
  for (int i = 0; i < 2; ++i) {
    napi_typedarray_type type;
    napi_value buffer;
    bool is_array_buffer;
    if (napi_get_typedarray_info(env, arguments[i + 1], &type, &length[i], &data[i], &buffer, nullptr) !=
            napi_ok ||
        type != napi_float32_array || napi_is_arraybuffer(env, buffer, &is_array_buffer) != napi_ok ||
        !is_array_buffer)  // shared memory is none
      return result(kUnfit);
  }
  const size_t fixed = session.fixed_batch(),
               batch = fixed != 0 ? fixed : length[0] / session.input_features(0);
  if (session.input_size(0, batch) != length[0] || session.output_size(0, batch) != length[1])
    return result(kUnfit);
  const float* x = static_cast<const float*>(data[0]);
  float* y = static_cast<float*>(data[1]);
  if (x < y + length[1] && y < x + length[0]) return result(kUnfit);
  return result(session.run(&x, &y, batch).ok() ? kOk : kFailed);
}

/// (handle, batch, inputs[], outputs[]) -> undefined
Napi::Value run_many(const Napi::CallbackInfo& info) {
  const Arguments arguments(info);
  const std::shared_ptr<Session> session = session_argument(info);
  const size_t batch = batch_argument(arguments);
  const std::vector<Span<float>> in = port_arrays(info, 2, "inputs", input_sizes(*session, batch));
  const std::vector<Span<float>> out = port_arrays(info, 3, "outputs", output_sizes(*session, batch));
  std::vector<const float*> inputs;
  std::vector<float*> outputs;
  for (const Span<float>& span : in) inputs.push_back(span.data);
  for (const Span<float>& span : out) outputs.push_back(span.data);
  throw_if_error(info.Env(), session->run(inputs.data(), outputs.data(), batch));
  return info.Env().Undefined();
}

/// (handle, batch, inputs[]) -> Promise<(Float32Array | Int32Array)[]>
Napi::Value run_async(const Napi::CallbackInfo& info) {
  const Arguments arguments(info);
  std::shared_ptr<Session> session = session_argument(info);
  const size_t batch = batch_argument(arguments);
  const std::vector<Span<float>> inputs = port_arrays(info, 2, "inputs", input_sizes(*session, batch));
  // Inputs without the batch in them may be small where the outputs are beyond all memory.
  try {
    auto worker = std::make_unique<RunWorker>(info.Env(), std::move(session), batch, inputs);
    worker->Queue();
    return worker.release()->promise();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception&) {  // bad_alloc, length_error
    throw make_error(info.Env(), Status::Error(StatusCode::kNative, "run: not enough memory for a batch of " +
                                                                        std::to_string(batch)));
  }
}

/// (handle, batch) -> { steps: [{ kernel, bytes, division?: { outputs, columns, reason } }], arenaBytes,
/// weightBytes }
Napi::Value session_report(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<Session> session = session_argument(info);
  const size_t batch = batch_argument(Arguments(info));
  Napi::Array steps = Napi::Array::New(env);
  for (const Session::StepReport& report : session->report(batch)) {
    Napi::Object step = Napi::Object::New(env);
    step.Set("kernel", report.kernel);
    step.Set("bytes", static_cast<double>(report.bytes));
    if (!report.division.reason.empty()) {
      Napi::Object division = Napi::Object::New(env);
      division.Set("outputs", static_cast<double>(report.division.outputs));
      division.Set("columns", static_cast<double>(report.division.columns));
      division.Set("reason", report.division.reason);
      step.Set("division", division);
    }
    steps.Set(steps.Length(), step);
  }
  Napi::Object out = Napi::Object::New(env);
  out.Set("steps", steps);
  out.Set("arenaBytes", static_cast<double>(session->arena_bytes(batch)));
  out.Set("weightBytes", static_cast<double>(session->weight_bytes()));
  return out;
}

/// (handle, batch, repeats) -> microseconds of each step, the least of `repeats` runs on zeros
Napi::Value time_steps(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Arguments arguments(info);
  const std::shared_ptr<Session> session = session_argument(info);
  std::vector<double> times;
  throw_if_error(env, session->time_steps(batch_argument(arguments), arguments.size(2, "repeats"), &times));
  Napi::Array out = Napi::Array::New(env);
  for (const double time : times) out.Set(out.Length(), time);
  return out;
}

}  // namespace tfjs_sparse::binding
