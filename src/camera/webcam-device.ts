import { describeValue, FaceError } from '../errors';

/**
 * Names of webcams: nothing that a program or a shell would take for more than a word, since node-webcam builds a
 * command of it. Spaces pass on macOS and Windows only, where the name stands in quotes.
 */
const DEVICE =
  process.platform === 'linux'
    ? /^(?:\/dev\/video\d{1,3}|\/dev\/v4l\/by-(?:id|path)\/[\w.:+-]{1,200}|TEST:[\w]{0,40})$/
    : /^[\p{L}\p{N}][\p{L}\p{N} ._:()-]{0,100}$/u;

/**
 * @throws FaceError `camera-device-invalid` for a name that is no webcam's
 */
export function checkDevice(device: unknown): void {
  if (device === undefined || device === '' || (typeof device === 'string' && DEVICE.test(device))) return;
  throw new FaceError({
    code: 'camera-device-invalid',
    expected: 'a camera such as /dev/video0 or /dev/v4l/by-id/usb-…',
    got: describeValue(device),
    hint: 'Choose a device in the dialog; `ls /dev/v4l/by-id` lists them by name.',
  });
}

/** The error for a webcam that gave no picture, by what the program said. */
export function webcamFailed(
  device: string,
  complaint: string,
  complaints = complaint,
  cause?: unknown,
): FaceError {
  const busy = /busy/i.test(complaints);
  return new FaceError(
    {
      code: busy ? 'camera-device-busy' : 'camera-device-missing',
      expected: `a picture from ${device || 'the default camera'}`,
      got: complaint === '' ? 'none' : complaint.slice(0, 200),
      hint: busy
        ? 'Another program holds the camera: end it, or take the pictures from the node that has them by a wire.'
        : 'Check that the camera is plugged in, that no other program uses it, and that Node-RED’s user is in the group video.',
    },
    cause,
  );
}
