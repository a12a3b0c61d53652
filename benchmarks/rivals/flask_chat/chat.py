# mypy: ignore-errors
# ruff: noqa: E402 - gevent must come before all others
"""A chat as the tutorials build it: Flask, Flask-Login, Flask-SQLAlchemy, Flask-SocketIO, SQLite.

    python chat.py PORT DATABASE

gevent is what Flask-SocketIO's documentation recommends for many clients. SQLite has WAL, which helps it.
"""

from gevent import monkey

monkey.patch_all()

import datetime
import secrets
import sys

from flask import Flask, abort, jsonify, redirect, request
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from flask_socketio import SocketIO, emit, join_room
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.security import check_password_hash, generate_password_hash

PORT, DATABASE = int(sys.argv[1]), sys.argv[2]

app = Flask(__name__)
app.config.update(SECRET_KEY=secrets.token_hex(), SQLALCHEMY_DATABASE_URI=f"sqlite:///{DATABASE}")
db = SQLAlchemy(app)
login_manager = LoginManager(app)
socketio = SocketIO(app, async_mode="gevent")


@event.listens_for(Engine, "connect")
def use_wal(connection, _):
    connection.execute("PRAGMA journal_mode=WAL")


class User(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(80), unique=True, nullable=False)
    password_hash = db.Column(db.String(200), nullable=False)


class Room(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    code = db.Column(db.String(12), unique=True, nullable=False)
    name = db.Column(db.String(100), nullable=False)


class Membership(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    room_id = db.Column(db.ForeignKey("room.id"), nullable=False)
    user_id = db.Column(db.ForeignKey("user.id"), nullable=False)
    __table_args__ = (db.UniqueConstraint("room_id", "user_id"),)


class Message(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    room_id = db.Column(db.ForeignKey("room.id"), nullable=False, index=True)
    user_id = db.Column(db.ForeignKey("user.id"), nullable=False)
    text = db.Column(db.Text, nullable=False)
    created_at = db.Column(db.DateTime, default=lambda: datetime.datetime.now(datetime.UTC))


@login_manager.user_loader
def load_user(user_id):
    return db.session.get(User, int(user_id))


@app.post("/register")
def register():
    form = request.form
    db.session.add(User(username=form["username"], password_hash=generate_password_hash(form["password"])))
    db.session.commit()
    return redirect("/login")


@app.post("/login")
def login():
    user = User.query.filter_by(username=request.form["username"]).first()
    if user is None or not check_password_hash(user.password_hash, request.form["password"]):
        abort(401)
    login_user(user)
    return redirect("/")


@app.post("/rooms")
@login_required
def create_room():
    room = Room(code=secrets.token_hex(6), name=request.form["name"])
    db.session.add(room)
    db.session.flush()
    db.session.add(Membership(room_id=room.id, user_id=current_user.id))
    db.session.commit()
    return redirect(f"/rooms/{room.code}")


@app.post("/rooms/join")
@login_required
def enter_room():
    room = Room.query.filter_by(code=request.form["room"]).first_or_404()
    db.session.add(Membership(room_id=room.id, user_id=current_user.id))
    db.session.commit()
    return redirect(f"/rooms/{room.code}")


def my_room(code):
    return (
        Room.query.join(Membership, Membership.room_id == Room.id)
        .filter(Room.code == code, Membership.user_id == current_user.id)
        .first()
    )


def store(room, text):
    message = Message(room_id=room.id, user_id=current_user.id, text=text)
    db.session.add(message)
    db.session.commit()
    return {
        "id": message.id,
        "room": room.code,
        "user": current_user.username,
        "text": message.text,
        "at": message.created_at.isoformat(),
    }


@app.post("/rooms/<code>/messages")
@login_required
def post(code):
    room = my_room(code) or abort(404)
    message = store(room, request.form["text"])
    socketio.emit("message", message, to=room.code)
    return jsonify(message), 201


@socketio.on("connect")
def on_connect():
    return current_user.is_authenticated


@socketio.on("join")
def on_join(data):
    room = my_room(data["room"])
    if room is None:
        return "no such room"
    join_room(room.code)
    return "ok"


@socketio.on("message")
def on_message(data):
    room = my_room(data["room"])
    if room is not None:
        emit("message", store(room, data["text"]), to=room.code)


if __name__ == "__main__":
    with app.app_context():
        db.create_all()
    socketio.run(app, host="127.0.0.1", port=PORT)
