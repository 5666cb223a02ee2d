/** One quiet sentence when the model does not run on a graphics card. */
import { useCompute } from '../stores/compute.ts';

export function DeviceNotice() {
  const notice = useCompute((state) => state.model?.device.notice);
  return notice ? (
    <p className="device-notice" role="status">
      {notice}
    </p>
  ) : null;
}
