/** The part of node-webcam that is used: it has no types of its own. */
declare module 'node-webcam' {
  interface Options {
    width: number;
    height: number;
    quality: number;
    frames: number;
    skip: number;
    output: 'jpeg' | 'png';
    device?: string;
    verbose: boolean;
  }
  interface Webcam {
    /** The shell command that takes one picture into the file `location`. */
    generateSh(location: string): string;
  }
  const NodeWebcam: { create(options: Options): Webcam };
  export default NodeWebcam;
}
