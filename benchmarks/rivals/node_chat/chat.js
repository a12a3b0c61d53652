// The chat of Socket.IO's tutorial (https://socket.io/docs/v4/tutorial/step-7), with rooms and the quickest SQLite there is:
// Node's own where it has one, else better-sqlite3. It knows no accounts, as the tutorial does not.
//
//     node chat.js PORT DATABASE
'use strict';

const express = require('express');
const { createServer } = require('node:http');
const { Server } = require('socket.io');

const [port, file] = process.argv.slice(2);

function open(file) {
  try {
    const { DatabaseSync } = require('node:sqlite');
    return new DatabaseSync(file);
  } catch {
    return new (require('better-sqlite3'))(file);
  }
}

const db = open(file);
db.exec('PRAGMA journal_mode=WAL');
db.exec('CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT, content TEXT)');
const insert = db.prepare('INSERT INTO messages (room, content) VALUES (?, ?)');

const app = express();
const server = createServer(app);
const io = new Server(server);

function store(room, text) {
  const message = { id: Number(insert.run(room, text).lastInsertRowid), room, text };
  io.to(room).emit('message', message);
  return message;
}

app.post('/rooms/:room/messages', express.urlencoded({ extended: false }), (request, response) => {
  response.status(201).json(store(request.params.room, request.body.text));
});

io.on('connection', (socket) => {
  socket.on('join', ({ room }, done) => {
    socket.join(room);
    done('ok');
  });
  socket.on('message', ({ room, text }) => store(room, text));
});

server.listen(Number(port), '127.0.0.1');
