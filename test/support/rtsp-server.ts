export { hasRtspServer, RTSP_REASON, type RtspServer, startRtspServer } from '../../bench/rtsp-server';
