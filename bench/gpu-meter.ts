/** Counts what a device is asked for: bytes of buffers that are alive, the most there ever were, and dispatches. */

export interface Meter {
  readonly alive: number;
  readonly peak: number;
  readonly dispatches: number;
}

export function meter(device: GPUDevice): Meter {
  const state = { alive: 0, peak: 0, dispatches: 0 };
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    state.alive += descriptor.size;
    state.peak = Math.max(state.peak, state.alive);
    const destroy = buffer.destroy.bind(buffer);
    let gone = false;
    buffer.destroy = () => {
      if (!gone) state.alive -= descriptor.size;
      gone = true;
      return destroy();
    };
    return buffer;
  };
  const encoder = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const made = encoder(descriptor);
    const begin = made.beginComputePass.bind(made);
    made.beginComputePass = (about) => {
      const pass = begin(about);
      const dispatch = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (...workgroups) => {
        state.dispatches++;
        return dispatch(...workgroups);
      };
      return pass;
    };
    return made;
  };
  return state;
}
