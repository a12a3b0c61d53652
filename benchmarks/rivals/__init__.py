"""What others do the same with: nginx with nchan, Flask-SocketIO, Socket.IO on Node."""
