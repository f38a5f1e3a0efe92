// Older majors, installed under another name; what the tests use of them is typed like the newer one.
declare module 'express4' {
  import express from 'express';
  export default express;
}
declare module 'koa2' {
  import Koa from 'koa';
  export default Koa;
}
