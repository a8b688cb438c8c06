"""A real RTSP server (GStreamer's) for the tests: one camera at /camera, its pictures stamped with their time.

Each 640x480 picture carries the milliseconds since 1970, modulo 2**20, as twenty bars of 32 pixels, white for a one,
the highest bit at the left; or all are the one of a file (I420, 640x480). Prints the port once it listens.
"""
import argparse
import time

import gi

gi.require_version('Gst', '1.0')
gi.require_version('GstRtsp', '1.0')
gi.require_version('GstRtspServer', '1.0')
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

WIDTH, HEIGHT, BITS = 640, 480, 20

parser = argparse.ArgumentParser()
parser.add_argument('--port', default='0')
parser.add_argument('--user')
parser.add_argument('--password')
parser.add_argument('--method', choices=['basic', 'digest'], default='digest')
parser.add_argument('--frames-per-second', type=int, default=10)
parser.add_argument('--picture', type=argparse.FileType('rb'))
args = parser.parse_args()

Gst.init(None)
RATE = args.frames_per_second
DURATION = Gst.SECOND // RATE
PICTURE = args.picture.read() if args.picture else None


def draw() -> bytes:
    """One picture in I420: the file's; or bars above, grey colours below."""
    if PICTURE:
        return PICTURE
    now = int(time.time() * 1000) % (1 << BITS)
    bars = (b'\xeb' * 32 if now >> (BITS - 1 - bit) & 1 else b'\x10' * 32 for bit in range(BITS))
    return b''.join(bars) * HEIGHT + b'\x80' * (WIDTH * HEIGHT // 2)


class Camera(GstRtspServer.RTSPMediaFactory):
    def __init__(self):
        super().__init__()
        self.set_shared(True)
        self.set_launch(
            f'( appsrc name=source is-live=true format=time do-timestamp=true '
            f'caps=video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate={RATE}/1 '
            f'! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={RATE} bitrate=2000 '
            f'! rtph264pay name=pay0 pt=96 config-interval=1 )'
        )

    def do_configure(self, media):
        source = media.get_element().get_by_name('source')
        media.set_reusable(True)
        GLib.timeout_add(1000 // RATE, self.push, source)

    def push(self, source) -> bool:
        buffer = Gst.Buffer.new_wrapped(draw())
        buffer.duration = DURATION
        return source.emit('push-buffer', buffer) == Gst.FlowReturn.OK


server = GstRtspServer.RTSPServer(address='127.0.0.1', service=args.port)
if args.user:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(getattr(GstRtsp.RTSPAuthMethod, args.method.upper()))
    token = GstRtspServer.RTSPToken()
    token.set_string('media.factory.role', 'viewer')
    auth.add_digest(args.user, args.password, token)
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(args.user, args.password), token)
    server.set_auth(auth)
factory = Camera()
if args.user:
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role('viewer', 'media.factory.access', True)
    permissions.add_permission_for_role('viewer', 'media.factory.construct', True)
    factory.set_permissions(permissions)
server.get_mount_points().add_factory('/camera', factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
