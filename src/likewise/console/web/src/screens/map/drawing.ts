// Points by WebGL: positions go to the graphics card once, and a frame costs one call however many there are.
import type { Points } from "./points";

export interface View {
  x: number;
  y: number;
  zoom: number;
}

export interface Drawing {
  load(points: Points): void;
  draw(view: View, aspect: number): void;
}

const VERTEX = `
attribute vec2 place;
attribute float owner;
uniform vec2 middle;
uniform vec2 scale;
uniform float size;
varying vec3 colour;
vec3 hue(float h) { return clamp(abs(mod(h * 6.0 + vec3(0.0, 4.0, 2.0), 6.0) - 3.0) - 1.0, 0.0, 1.0); }
void main() {
  gl_Position = vec4((place - middle) * scale, 0.0, 1.0);
  gl_PointSize = size;
  colour = mix(vec3(0.5), hue(fract(owner * 0.61803)), 0.62) * 0.86;
}`;
const FRAGMENT = `
precision mediump float;
varying vec3 colour;
void main() {
  vec2 apart = gl_PointCoord - 0.5;
  if (dot(apart, apart) > 0.25) discard;
  gl_FragColor = vec4(colour, 0.8);
}`;

function shader(gl: WebGLRenderingContext, kind: number, source: string): WebGLShader | null {
  const made = gl.createShader(kind);
  if (!made) return null;
  gl.shaderSource(made, source);
  gl.compileShader(made);
  return gl.getShaderParameter(made, gl.COMPILE_STATUS) ? made : null;
}

function program(gl: WebGLRenderingContext): WebGLProgram | null {
  const made = gl.createProgram();
  const vertex = shader(gl, gl.VERTEX_SHADER, VERTEX);
  const fragment = shader(gl, gl.FRAGMENT_SHADER, FRAGMENT);
  if (!made || !vertex || !fragment) return null;
  gl.attachShader(made, vertex);
  gl.attachShader(made, fragment);
  gl.linkProgram(made);
  return gl.getProgramParameter(made, gl.LINK_STATUS) ? made : null;
}

function fill(gl: WebGLRenderingContext, made: WebGLProgram, name: string, width: number, data: Float32Array): void {
  const at = gl.getAttribLocation(made, name);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
  gl.enableVertexAttribArray(at);
  gl.vertexAttribPointer(at, width, gl.FLOAT, false, 0, 0);
}

/** Null where the browser has no WebGL; the table beside the map has everything. */
export function drawing(canvas: HTMLCanvasElement): Drawing | null {
  const gl = canvas.getContext("webgl", { antialias: true, premultipliedAlpha: false });
  const made = gl && program(gl);
  if (!gl || !made) return null;
  gl.useProgram(made);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
  let total = 0;
  return {
    load(points) {
      total = points.ids.length;
      fill(gl, made, "place", 2, points.places);
      fill(gl, made, "owner", 1, Float32Array.from(points.owners));
    },
    draw(view, aspect) {
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(gl.getUniformLocation(made, "middle"), view.x, view.y);
      gl.uniform2f(gl.getUniformLocation(made, "scale"), view.zoom / Math.max(aspect, 1), view.zoom * Math.min(aspect, 1));
      const size = Math.min(12, Math.max(2.5, 90 / Math.sqrt(total)) * Math.sqrt(view.zoom)) * devicePixelRatio;
      gl.uniform1f(gl.getUniformLocation(made, "size"), size);
      gl.drawArrays(gl.POINTS, 0, total);
    },
  };
}
